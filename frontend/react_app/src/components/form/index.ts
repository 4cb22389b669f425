export { decimal, isDay, percentText, shareOf, wholeNumber } from "./parse";
export { mapServerErrors } from "./serverErrors";
