/** Rows of the table of variables: what a standalone HTTP server reads that serves many people. */
export const teamVariables = [
	{
		name: "PUBLIC_URL",
		section: "server",
		type: "string",
		doc: "URL by which clients reach the HTTP server through a proxy, such as https://memory.example.com/mcp. Its name needs no place in ALLOWED_HOSTS.",
	},
	{
		name: "OAUTH_ISSUER",
		section: "server",
		type: "string",
		doc: "Identity provider whose access tokens (JWT) the HTTP server takes, such as https://login.example.com/realms/team. Default: none; people have tokens of mcp-mem0 user add.",
	},
	{
		name: "OAUTH_AUDIENCE",
		section: "server",
		type: "string",
		doc: "Audience for which the provider must have issued a token. Default: PUBLIC_URL.",
	},
	{
		name: "OAUTH_SCOPE",
		section: "server",
		type: "string",
		doc: "Scopes that a token must have, separated by spaces. Default: none.",
	},
	{
		name: "OAUTH_USER_CLAIM",
		section: "server",
		type: "string",
		default: "sub",
		doc: "Claim of the token that names the person, and so their memories. Take one that nobody can choose or get after somebody else: sub; email where the provider verifies it.",
	},
	{
		name: "OAUTH_ADMINS",
		section: "server",
		type: "string",
		doc: "Who of them are administrators, as that claim names them, separated by commas.",
	},
	{
		name: "RATE_LIMIT_PER_MINUTE",
		section: "server",
		type: "integer",
		default: "600",
		minimum: 0,
		maximum: 1_000_000,
		doc: "Requests that each person may make to one process of the HTTP server in a minute; 0: any number.",
	},
] as const;
