export { SymbolField } from "./SymbolField";
