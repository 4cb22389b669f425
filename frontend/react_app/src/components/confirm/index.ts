export { ConfirmButton } from "./ConfirmButton";
