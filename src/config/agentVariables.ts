/** Rows of the table of variables: what agents are told without asking. */
export const agentVariables = [
	{
		name: "BRIEF_TOKENS",
		section: "advanced",
		setting: "agents.briefTokens",
		type: "integer",
		default: "600",
		minimum: 0,
		maximum: 4000,
		doc: "Tokens, at most, of what an agent's hook tells at the start of a session; 0: nothing. See mcp-mem0 connect --with-hooks.",
	},
	{
		name: "CAPTURE",
		section: "advanced",
		setting: "agents.capture",
		type: "enum",
		default: "off",
		values: {
			off: "Nothing is captured",
			review: "Facts wait for your review; nothing is remembered before you accept it",
		},
		doc: "Whether the language model looks for facts in the sessions of agents with hooks, when they are compacted or end: off, or review, which proposes them. It gets the last part of the session, without secrets, files and tool output.",
	},
] as const;
