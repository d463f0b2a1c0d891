/** Triggers that append to a table of sums what each statement adds to it and takes away. */
export function counting(
	table: string,
	name: string,
	{
		key,
		into,
		plus,
		minus,
	}: {
		readonly key: string;
		readonly into: string;
		readonly plus: (rows: string) => string;
		readonly minus: (rows: string) => string;
	},
): string {
	const body = (rows: string) => `
		BEGIN
			INSERT INTO ${into} SELECT ${key}, sum(n) FROM (${rows}) x GROUP BY ${key} HAVING sum(n) <> 0;
			RETURN NULL;
		END`;
	const trigger = (event: string, tables: string, rows: string) => `
		CREATE FUNCTION {s}.${name}_${event}() RETURNS trigger LANGUAGE plpgsql SET search_path = {s}, pg_temp
			AS $$ ${body(rows)} $$;
		CREATE TRIGGER ${name}_${event} AFTER ${event} ON {s}.${table} REFERENCING ${tables}
			FOR EACH STATEMENT EXECUTE FUNCTION {s}.${name}_${event}();`;
	const [added, removed] = ["added", "removed"];
	return [
		trigger("insert", `NEW TABLE AS ${added}`, plus(added)),
		trigger("delete", `OLD TABLE AS ${removed}`, minus(removed)),
		trigger(
			"update",
			`NEW TABLE AS ${added} OLD TABLE AS ${removed}`,
			`${plus(added)} UNION ALL ${minus(removed)}`,
		),
	].join("\n");
}
