/* The service map: finds page by page, with the counts of a facet beside them. */
import { graphql } from 'relay-runtime';

export const finds = graphql`
  fragment ServiceMap_finds on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    filter: { type: "ServiceMapFilter" }
  )
  @refetchable(queryName: "ServiceMapPaginationQuery") {
    serviceMap(first: $first, after: $after, filter: $filter)
    @connection(key: "ServiceMap_serviceMap", filters: ["filter"]) {
      totalCount
      facet(of: SUPPORT_NEED) {
        value
        count
      }
      edges {
        node {
          id
          distanceMetres
          service {
            id
            ...ServiceRow_service
          }
        }
      }
    }
  }
`;

export const query = graphql`
  query ServiceMapQuery($filter: ServiceMapFilter) {
    ...ServiceMap_finds @arguments(filter: $filter)
  }
`;
