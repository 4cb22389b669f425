import { Autocomplete, type AutocompleteProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { symbolsQuery } from "@/lib/queries";

interface Props extends Pick<AutocompleteProps, "label" | "name" | "value" | "error" | "errorProps" | "w" | "className"> {
  readonly onChange: (value: string) => void;
}

/** A ticker with suggestions; names are searched too. */
export function SymbolField({ onChange, ...field }: Props) {
  const { data: symbols } = useQuery(symbolsQuery);
  const names = useMemo(() => new Map((symbols ?? []).map((each) => [each.ticker, each.name])), [symbols]);
  return (
    <Autocomplete
      {...field}
      limit={50}
      size="xs"
      data={[...names.keys()]}
      comboboxProps={{ width: 260, position: "bottom-start", shadow: "none" }}
      renderOption={({ option }) => (
        <span>
          <b>{option.value}</b> {names.get(option.value)}
        </span>
      )}
      filter={({ options, search }) => {
        const wanted = search.trim().toLowerCase();
        return options.filter((option) => {
          const value = "value" in option ? option.value : "";
          return `${value} ${names.get(value) ?? ""}`.toLowerCase().includes(wanted);
        });
      }}
      onChange={(value) => onChange(value.toUpperCase())}
    />
  );
}
