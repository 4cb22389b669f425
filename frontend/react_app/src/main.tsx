import "./theme/mantineStyles";
import "./theme/fonts.css";
import "./theme/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root to draw into");
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
