import { Anchor, Button } from "@mantine/core";
import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";

import { EmptyState, ErrorNotice, Forbidden, SkeletonRows } from "@/components/feedback";
import { Page } from "@/components/page";
import { ApiError } from "@/lib/api";

/** What stands where a page should, while it is fetched. */
export function PagePending() {
  return (
    <Page title="Loading">
      <SkeletonRows label="Loading the page" />
    </Page>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Page title="Not found">
      <EmptyState
        title="There is no page at this address"
        action={
          <Anchor component={Link} to="/" size="sm">
            Go to the Dashboard
          </Anchor>
        }
      >
        The link may be old or mistyped. Ctrl-K finds every page, symbol and pair.
      </EmptyState>
    </Page>
  );
}

/** As `NotFound`, where no shell stands around it. */
export function AloneNotFound() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

/** As `Failure`, where no shell stands around it. */
export function AloneFailure(props: ErrorComponentProps) {
  return (
    <main>
      <Failure {...props} />
    </main>
  );
}

/** The last resort: a page that broke. What was refused for want of permission is said as that. */
export function Failure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  if (error instanceof ApiError && error.status === 403) {
    return <Forbidden />;
  }
  if (error instanceof ApiError) {
    return (
      <Page title="Something failed">
        <ErrorNotice error={error} what="This page could not be loaded" onRetry={retry} />
      </Page>
    );
  }
  return (
    <Page title="Something failed">
      <ErrorNotice error={error} what="This page stopped because of a fault in the application" onRetry={retry} />
      <div>
        <Button variant="default" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </div>
    </Page>
  );
}
