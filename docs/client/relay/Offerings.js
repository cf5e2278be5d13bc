/* The offerings of one service: a connection on a node, paged through node(id:). */
import { graphql } from 'relay-runtime';

export const offerings = graphql`
  fragment Offerings_service on Service
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, after: { type: "String" })
  @refetchable(queryName: "OfferingsPaginationQuery") {
    offerings(first: $first, after: $after) @connection(key: "Offerings_offerings") {
      edges {
        node {
          id
          freePlaces
          provider {
            id
            name {
              text
            }
          }
        }
      }
    }
  }
`;

export const query = graphql`
  query OfferingsQuery($id: ID!) {
    service(id: $id) {
      id
      ...Offerings_service
    }
  }
`;
