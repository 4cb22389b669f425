export { CopyButton, CopyField } from "./CopyField";
