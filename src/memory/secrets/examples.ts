/*
 * What looks like a secret and is none: what documentation shows, and what somebody should fill in.
 */

/** Keys that their makers publish to show what keys look like. */
const published = new Set([
	"sk_test_4eC39HqLyjWDarjtT1zdp7dc",
	"sk_test_BQokikJOvBiI2HlWgH4olfQ2",
	"pk_test_TYooMQauvdEDq54NiTphI7jx",
	"AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe",
	// Azurite's and Cosmos DB's emulators have one key for everybody.
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
	"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
]);

const exampleWords =
	/example|sample|dummy|placeholder|redacted|changeme|change[-_]?(?:me|this|it)|your[-_]|[-_]here\b|(?:^|[-_])(?:fake|mock|foo|bar|baz|todo|none|null)(?:[-_]|$)|x{4,}|\*{3,}|…|\.{3}|0{8}|1{8}|a{8}|123456789|abcdefgh/i;

/** What programs and templates put a value in the place of. */
const references =
	/^[$%<{[]|\$\{|\{\{|<[\w -]+>|%\w+%|\(\)|^(?:process\.|os\.|env\.|secrets\.|vars?\.|config\.|import\.|self\.|this\.|\w+\()|[([{;]$/i;

/** The payload of jwt.io's token, on which most examples are built. */
const subjectOfExamples = Buffer.from('"sub":"1234567890"').toString("latin1");

export function isExample(value: string): boolean {
	if (published.has(value) || exampleWords.test(value)) return true;
	const [, payload] = /^eyJ[\w-]+\.(eyJ[\w-]+)\./.exec(value) ?? [];
	return (
		payload !== undefined && Buffer.from(payload, "base64url").toString("latin1").includes(subjectOfExamples)
	);
}

/** Whether a value names the place of a secret, or computes it. */
export function isReference(value: string): boolean {
	return references.test(value);
}

/** Bits of information a character, by Shannon. Words have about 3, random letters and digits 4 and more. */
export function entropyOf(value: string): number {
	const counts = new Map<string, number>();
	for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
	const shares = [...counts.values()].map((count) => count / value.length);
	return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}
