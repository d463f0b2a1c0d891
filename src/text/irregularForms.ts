import { stemmer } from "stemmer";

/** English words whose forms the stemmer does not unify, base form first. Omits forms that are more often another word. */
const irregular = `be was were been|go went gone|buy bought|bring brought|take took taken|win won|lose lost|make made|give gave given
	get got gotten|meet met|feel felt|find found|think thought|teach taught|catch caught|tell told|say said|see saw seen
	write wrote written|begin began begun|break broke broken|build built|choose chose chosen|come came|do did done
	draw drew drawn|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|fight fought|fly flew flown
	forget forgot forgotten|grow grew grown|hear heard|hold held|hide hid hidden|keep kept|know knew known|lead led
	leave left|lend lent|mean meant|pay paid|ride rode ridden|ring rang rung|rise rose risen|run ran|sell sold|send sent
	shake shook shaken|shoot shot|show shown|sing sang sung|sink sank sunk|sit sat|sleep slept|speak spoke spoken
	spend spent|stand stood|steal stole stolen|stick stuck|swear swore sworn|swim swam swum|tear tore torn
	throw threw thrown|understand understood|wake woke woken|wear wore worn|withdraw withdrew withdrawn
	child children|man men|woman women|person people|mouse mice|foot feet|tooth teeth|wife wives|knife knives|half halves`;

const bases = new Map<string, string>();
const forms = new Map<string, readonly string[]>();

for (const entry of irregular.split(/[|\n]/)) {
	const [base, ...others] = entry.trim().split(" ").map(stemmer) as [string, ...string[]];
	forms.set(base, [base, ...others]);
	for (const form of others) bases.set(form, base);
}

/** The term for all forms of a word: `go` for `went` and `gone`. The index contains the forms themselves. */
export function baseForm(term: string): string {
	return bases.get(term) ?? term;
}

/** The index terms for a base form, including the base form itself. */
export function formsOf(base: string): readonly string[] {
	return forms.get(base) ?? [base];
}
