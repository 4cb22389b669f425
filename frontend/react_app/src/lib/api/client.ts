import { client } from "./generated/client.gen";
import { checkedFetch } from "./http";

// The generated functions go through the session: renewed tokens, and errors thrown as ApiError.
client.setConfig({ baseUrl: window.location.origin, fetch: checkedFetch });
