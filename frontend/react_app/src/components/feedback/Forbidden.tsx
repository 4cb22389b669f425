import { Page } from "../page";
import { EmptyState } from "./EmptyState";

interface Props {
  title?: string;
  /** What the page is for and who may use it. */
  children?: string;
}

/** In place of a page that the person's role does not include. */
export function Forbidden({ title = "Not allowed", children }: Props) {
  return (
    <Page title={title}>
      <EmptyState title="Your role does not include this page">
        {children ?? "Ask an administrator for the permission; everything else stays open to you."}
      </EmptyState>
    </Page>
  );
}
