/* One row of the list, and the same service fetched again by its id through `node`. */
import { graphql } from 'relay-runtime';

export const service = graphql`
  fragment ServiceRow_service on Service @refetchable(queryName: "ServiceRowRefetchQuery") {
    id
    name {
      text
    }
    organization {
      id
      name {
        text
      }
    }
  }
`;
