import { PasswordBlock } from "./PasswordBlock";
import { SessionsBlock } from "./SessionsBlock";
import { TotpBlock } from "./TotpBlock";

/** Password, second step, and where one is logged in. */
export function SecuritySection() {
  return (
    <>
      <PasswordBlock />
      <TotpBlock />
      <SessionsBlock />
    </>
  );
}
