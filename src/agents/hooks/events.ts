/** What happens in a session, whatever a client calls it. */
export type Moment = "start" | "prompt" | "compact" | "stop" | "end";

/** The clients' names of events, in lower case. */
const moments: Readonly<Record<string, Moment>> = {
	sessionstart: "start",
	userpromptsubmit: "prompt",
	userpromptsubmitted: "prompt",
	beforesubmitprompt: "prompt",
	beforeagent: "prompt",
	precompact: "compact",
	precompress: "compact",
	stop: "stop",
	agentstop: "stop",
	afteragent: "stop",
	sessionend: "end",
};

/** Undefined for an event that does not concern a memory. */
export function momentOf(event: string): Moment | undefined {
	const name = event.toLowerCase();
	return Object.hasOwn(moments, name) ? moments[name] : undefined;
}
