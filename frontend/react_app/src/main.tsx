import "./theme/mantineStyles";
import "./theme/fonts.css";
import "./theme/base.css";

import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { styleNonce } from "./lib/nonce";

// Read by what holds the page still behind a dialog, which writes a style of its own.
setNonce(styleNonce());

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root to draw into");
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
