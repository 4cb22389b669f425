/** Server messages put at their fields; what belongs to no field of the form comes back under `rest`. */
export function mapServerErrors<Field extends string>(
  fields: Readonly<Record<string, readonly string[]>>,
  known: readonly Field[],
): { errors: Partial<Record<Field, string>>; rest: string[] } {
  const errors: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  for (const [field, messages] of Object.entries(fields)) {
    const text = messages.join(" ");
    if (text === "") continue;
    const own = known.find((each) => each === field);
    if (own !== undefined) errors[own] = text;
    else rest.push(field === "non_field_errors" ? text : `${field.replaceAll("_", " ")}: ${text}`);
  }
  return { errors, rest };
}
