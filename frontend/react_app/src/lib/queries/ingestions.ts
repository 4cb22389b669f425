import { queryOptions } from "@tanstack/react-query";

import { ingestionsList } from "../api";

/** The newest uploads: older ones stand under Jobs. */
const UPLOADS_SHOWN = 200;

export const ingestionsQuery = queryOptions({
  queryKey: ["ingestions", "list"],
  queryFn: ({ signal }) => ingestionsList({ query: { ordering: ["-created_at"], page_size: UPLOADS_SHOWN }, signal }),
});
