import type { EndpointErrorKind } from "../endpointError.ts";

/** A limit of a server, in the words of the families that have it. */
interface Limit {
	readonly kind: Extract<EndpointErrorKind, "too-large" | "batch-too-large" | "answer-too-long">;
	/** Default: both. */
	readonly role?: "chat" | "embedding";
	readonly says: RegExp;
	/** Each finds the number in the words of some families; the first that matches counts. */
	readonly numbers: readonly RegExp[];
}

const context =
	/context[ _](length|size|window(?!`))|maximum context|max_model_len|n_ctx|max_(model|total)_(len|tokens)|inputs\W+tokens \+|context_length_exceeded|ContextWindowExceeded/i;

/** In the order of precedence: the words of one kind may be in a message of another. */
const limits: readonly Limit[] = [
	{
		// llama.cpp calls the length of a text a batch.
		kind: "too-large",
		says: /too large to process/i,
		numbers: [/batch size:? (\d+)/i],
	},
	{
		kind: "batch-too-large",
		role: "embedding",
		says: /batch[ _-]?size|too many (inputs|items|texts|instances|requests in)|in (one|a single|the|this)? ?batch|tokens (in batch|overall)|batch of \d+|number of (texts|inputs|instances)|array [^.]*(too long|at most)|at most \d+ (items|inputs|texts)|(inputs|texts|items|requests) (per|in (one|a|each)) request|tokens per (request|submitted batch)|数组|maximum [^.]*(batch|inputs)/i,
		numbers: [
			/allowed batch size\D{0,4}(\d+)/i,
			/batch size[^.\d]{0,60}(?:larger|greater|more|limit|exceed|maximum)[^.\d]{0,30}(\d+)/i,
			/at most (\d+)\b(?! ?tokens)/i,
			/maximum length (\d+)/i,
			/(?:max(?:imum)?|limit)(?: number)?(?: of)?(?: inputs| texts| items| instances)?(?: is|:| of|=)? ?(\d+)\b(?! ?tokens| got)/i,
			/(\d+) (?:inputs|texts|items|instances)(?: is| are) allowed/i,
			/不得?超过\D{0,3}(\d+)/,
			/<=? ?(\d+)/,
		],
	},
	{
		kind: "too-large",
		says: context,
		numbers: [
			/(?:context|input)[ _](?:length|size|window)s?(?: is| of| limit)*(?: only)?\D{0,3}(\d{2,})/i,
			/(\d{2,}) maximum context/i,
			/(?:must be|n_ctx|max_model_len)\D{0,10}(\d{2,})/i,
			/(?:at most|up to|limit(?: of| is|:)?)\D{0,3}(\d{2,})/i,
		],
	},
	{
		kind: "answer-too-long",
		role: "chat",
		says: /^(?!.*input token)(?=.*(max_?(completion_?|output_?|new_?)?tokens|max(imum)? (number of )?(output |completion )?tokens)).*(too (large|high|big|many)|at most|less than|lower than|maximum|exceed|range|<=|>|greater|between|above|参数)/is,
		numbers: [
			/range[^\d]*\d+ ?[,-] ?(\d+)/i,
			/range is from \d+ \(inclusive\) to (\d+)/i,
			/> ?(\d+), which is the maximum/i,
			/(?:at most|less than or equal to|<=|model limit of|up to|maximum (?:value )?(?:is|of)|(?:cannot|not|n't) (?:exceed|be (?:greater|larger|more) than)|between \d+ and)\D{0,3}(\d+)/i,
		],
	},
	{
		kind: "too-large",
		says: /too many tokens|too (long|large)\b|exceeds? [^.]{0,60}tokens|exceeding max|input (token )?(length|count)|(less|fewer) than \d+ tokens|tokens? (limit|allowed)|supports? up to \d+|reduce (the|your) (length|prompt|input|message)|string_above_max_length/i,
		numbers: [
			/range of input length\D*\d+ ?, ?(\d+)/i,
			/(?:less than|fewer than|at most|up to|exceeding max(?:imum)?|maximum number of tokens allowed|max(?:imum)? (?:input )?(?:length|tokens)(?: is| of)?|max is)\D{0,4}(\d{2,})/i,
			/> ?(\d+) (?:tokens )?maximum/i,
		],
	},
];

/** The limit that a server says a request exceeds; the number is undefined if it does not tell it. */
export function exceededLimit(
	role: "chat" | "embedding",
	message: string,
): { readonly kind: Limit["kind"]; readonly limit: number | undefined } | undefined {
	const exceeded = limits.find((each) => (each.role ?? role) === role && each.says.test(message));
	if (!exceeded) return undefined;
	const found = exceeded.numbers.map((pattern) => pattern.exec(message)?.[1]).find((number) => number);
	const exclusive = found !== undefined && message.includes(`${found} (exclusive)`) ? 1 : 0;
	return { kind: exceeded.kind, limit: found === undefined ? undefined : Number(found) - exclusive };
}
