/** A statement that gives DuckDB a function of Trino. Several definitions in one are told apart by their number of arguments. */
export const macro = (name: string, ...definitions: readonly string[]): string =>
  `CREATE OR REPLACE MACRO ${name}${definitions.join(', ')}`

/** DuckDB's own function of a name that a macro has taken. */
export const own = (name: string): string => `system.main.${name}`
