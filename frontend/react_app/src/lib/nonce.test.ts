import { expect, it, vi } from "vitest";

it("reads the policy's nonce from the page, and nothing where there is none", async () => {
  const meta = document.createElement("meta");
  meta.name = "titan-nonce";
  meta.content = "abc123";
  document.head.append(meta);
  expect((await import("./nonce")).styleNonce()).toBe("abc123");
  meta.remove();
  vi.resetModules();
  expect((await import("./nonce")).styleNonce()).toBe("");
});
