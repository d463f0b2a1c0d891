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
] as const;
