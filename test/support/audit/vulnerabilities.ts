/** What `npm audit --json` prints, as far as it is used. */
export interface AuditReport {
	readonly vulnerabilities?: Readonly<
		Record<
			string,
			{
				readonly severity: string;
				readonly via: readonly (string | { readonly title: string; readonly url: string })[];
			}
		>
	>;
}

/** The names in the notices that the build writes. */
export function bundledPackages(notices: string): string[] {
	return [...notices.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) \d+\.\d+\.\S* \(.+\)$/gm)].map(
		([, name = ""]) => name,
	);
}

/** A line for each bundled package with a known vulnerability. */
export function vulnerabilitiesOf(
	{ vulnerabilities = {} }: AuditReport,
	bundled: readonly string[],
): string[] {
	return Object.entries(vulnerabilities)
		.filter(([name]) => bundled.includes(name))
		.map(([name, { severity, via }]) => {
			const reasons = via.map((each) =>
				typeof each === "string" ? `through ${each}` : `${each.title} ${each.url}`,
			);
			return `${name}: ${severity}: ${reasons.join("; ")}`;
		});
}
