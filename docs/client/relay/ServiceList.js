/* A page of published services that Relay fetches again and goes on with by itself. */
import { graphql } from 'relay-runtime';

export const query = graphql`
  query ServiceListQuery($first: Int = 20, $filter: ServiceFilter) {
    ...ServiceList_services @arguments(first: $first, filter: $filter)
  }
`;

export const services = graphql`
  fragment ServiceList_services on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    filter: { type: "ServiceFilter" }
  )
  @refetchable(queryName: "ServiceListPaginationQuery") {
    services(first: $first, after: $after, filter: $filter) @connection(key: "ServiceList_services") {
      edges {
        node {
          id
          ...ServiceRow_service
        }
      }
    }
  }
`;
