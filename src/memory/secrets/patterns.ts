/*
 * Secrets of known shapes that the rules of secretlint do not know, or of which they would take more than the secret.
 */

export interface SecretPattern {
	/** Completes "redacted: …". */
	readonly name: string;
	/** Global; the group `secret` is what is taken, or else all of the match. */
	readonly pattern: RegExp;
}

/** A token that begins with what only its maker's tokens begin with. */
const token = (name: string, shape: string): SecretPattern => ({
	name,
	pattern: new RegExp(`(?<![A-Za-z0-9_])${shape}(?![A-Za-z0-9_])`, "dg"),
});

/** Findings of these kinds are looked at like passwords in URLs. */
export const connectionPassword = "password in a connection string";
export const commandPassword = "password on a command line";

export const patterns: readonly SecretPattern[] = [
	{
		name: "private key",
		// Also without its end, as where somebody copied too little. Its mark alone, in prose, is no key.
		pattern:
			/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[\w-]+: ?[^\n]+\n)*[A-Za-z0-9+/=]{16}[\s\S]*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|$)/dg,
	},
	{
		name: "password in a URL",
		pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@"'`<>]{0,100}:(?<secret>[^\s/?#"'`<>]{3,200})@[\w.[-]/dgi,
	},
	{
		name: connectionPassword,
		// One field of several, which tells it from the name of a parameter.
		pattern:
			/\b(?:password|pwd)(?<=(?:server|data source|host|uid|user id|user|username|database|initial catalog)\s?=[^\n]{0,300};\s?\w+)\s?=\s?(?<secret>[^;"'`\s]{3,100})/dgi,
	},
	{
		name: commandPassword,
		pattern:
			/\b(?:curl\b[^\n]{0,200}?\s(?:-u|--user|-U|--proxy-user)[\s=]{0,2}["']?[^\s:"']{1,60}:|sshpass\s+-p\s?["']?|mysql(?:dump|admin)?\b[^\n]{0,100}?\s(?:-p|--password=)["']?)(?<secret>[^\s"'-][^\s"']{2,100})/dg,
	},
	{
		// A line of .pgpass.
		name: "password",
		pattern: /^[\w.*-]+:(?:\d{4,5}|\*):[A-Za-z*][\w-]*:[A-Za-z*][\w-]*:(?<secret>[^\s:]{4,100})$/dgm,
	},
	{
		name: "npm token",
		pattern:
			/(?<=\/:_authToken=)(?<secret>[\w-]{8,})|(?<=(?:^|[\s:])_(?:auth|password)\s?=\s?["']?)[A-Za-z0-9+/]{8,}={0,2}/dgm,
	},
	{
		name: "Docker credential",
		pattern: /"auth"\s?:\s?"(?<secret>(?=[A-Za-z]*\d)[A-Za-z0-9+/]{16,}={0,2})"/dg,
	},
	{
		name: "token in a URL",
		pattern: /\bhttps?:\/\/(?<secret>[^\s:/?#@"'`<>]{16,200})(?::x-oauth-basic)?@/dgi,
	},
	{
		name: "AWS secret key",
		pattern:
			/\b(?:aws_?)?secret_?access_?key["']?\s*(?::|=>|=|\s)\s*["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dgi,
	},
	{
		name: "AWS secret key",
		// Beside its access key, without a name.
		pattern:
			/(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}["']?[\s,:;/|]{1,5}(?:\w{0,20}[\s:=]{1,3})?["']?(?<secret>(?![0-9a-f]{40})[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dg,
	},
	{ name: "JWT", pattern: /(?<![\w.-])eyJ[\w-]{12,}\.eyJ[\w-]{8,}\.[\w-]{16,}/dg },
	{
		name: "bearer token",
		pattern: /\bBearer\s+(?<secret>(?=[\w.~+/-]*\d)(?=[\w.~+/-]*[A-Za-z])[\w.~+/-]{20,}={0,2})/dgi,
	},
	{
		name: "basic authorization",
		pattern: /\bAuthorization["']?\s*[:=]\s*["']?Basic\s+(?<secret>[A-Za-z0-9+/]{12,}={0,2})/dgi,
	},
	{
		name: "Azure storage key",
		pattern: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{86}==)/dg,
	},
	{
		name: "Azure shared access key",
		pattern: /\b(?:SharedAccessKey=|[?&]sig=)(?<secret>[A-Za-z0-9+/%]{40,}(?:=|%3D)*)/dgi,
	},
	{
		name: "Azure key",
		// Their makers put a mark of four signs near the end.
		pattern:
			/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33,76}(?:AzCa|AzSe|AzFu|APIM|AIoT|ACDb|\+A(?:St|Sb|Eh|Rm|Ba|MC|CR))[A-Za-z0-9+/]{5,10}={0,2}(?![A-Za-z0-9+/=])/dg,
	},
	token("Azure key", "[\\w-]{52}JQQJ9[\\w-]{27}"),
	token("Azure client secret", "[\\w.~-]{3}\\dQ~[\\w.~-]{31,34}"),
	{
		name: "Slack webhook",
		pattern: /https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{40,}/dg,
	},
	{
		name: "Discord webhook",
		pattern: /https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/\d+\/(?<secret>[\w-]{60,})/dg,
	},
	{
		name: "Microsoft Teams webhook",
		pattern: /https:\/\/[\w-]+\.webhook\.office\.com\/(?<secret>[\w@/-]{60,})/dg,
	},
	token("AWS access key", "(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
	token("Google API key", "AIza[\\w-]{35}"),
	token("Google client secret", "GOCSPX-[\\w-]{28}"),
	token("Google access token", "ya29\\.[\\w-]{30,}"),
	token("GitHub token", "(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_\\w{70,})"),
	token("GitLab token", "gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|soat|oas)-[\\w-]{20,}(?:\\.[\\w-]{2,})*"),
	token("OpenRouter key", "sk-or-v1-[0-9a-f]{64}"),
	token("Anthropic key", "sk-ant-[\\w-]{80,}"),
	token("API key", "sk-(?=[\\w-]*\\d)(?:[a-z]+-)?[A-Za-z0-9_-]{32,}"),
	token("Stripe key", "(?:[sr]k|whsec)_(?:live_|test_)?[A-Za-z0-9]{24,}"),
	token("xAI key", "xai-[A-Za-z0-9]{70,}"),
	token("Perplexity key", "pplx-[A-Za-z0-9]{40,}"),
	token("Replicate token", "r8_[A-Za-z0-9]{37}"),
	token("Hugging Face token", "hf_[A-Za-z]{34}"),
	token("Groq key", "gsk_[A-Za-z0-9]{48,}"),
	token("Telegram bot token", "\\d{8,10}:AA[\\w-]{33}"),
	token("PyPI token", "pypi-AgE[\\w-]{50,}"),
	token("npm token", "npm_[A-Za-z0-9]{36}"),
	token("RubyGems key", "rubygems_[0-9a-f]{48}"),
	token("crates.io token", "cio[A-Za-z0-9]{32}"),
	token("DigitalOcean token", "do[opr]_v1_[0-9a-f]{64}"),
	token("Atlassian token", "AT(?:ATT|CTT|BBT)3[\\w=-]{60,}"),
	token("Postman key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
	token("New Relic key", "NR(?:AK|JS|II|RA)-[A-Za-z0-9_-]{19,}"),
	token("Sentry token", "sntry[su]_[\\w+/=-]{40,}"),
	token("Supabase key", "sb(?:p|_secret)_[A-Za-z0-9_-]{30,}"),
	token("Doppler token", "dp\\.(?:pt|st|sa|ct)\\.[A-Za-z0-9.]{40,}"),
	token("Terraform token", "[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,}"),
	token("Pulumi token", "pul-[0-9a-f]{40}"),
	token("PlanetScale token", "pscale_(?:tkn|pw|oauth)_[\\w.-]{32,}"),
	token("Fly.io token", "(?:fo1_[\\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/=]{100,})"),
	token("Dynatrace token", "dt0[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}"),
	token("Brevo key", "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
	token("SendGrid key", "SG\\.[\\w-]{22}\\.[\\w-]{43}"),
	token("Mailgun key", "key-[0-9a-f]{32}"),
	token("Mailchimp key", "[0-9a-f]{32}-us\\d{1,2}"),
	token("Square token", "(?:sq0[a-z]{3}-[\\w-]{22,43}|EAAA[\\w-]{60})"),
	token("Airtable token", "pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}"),
	token("Mapbox secret token", "sk\\.eyJ[\\w-]{20,}\\.[\\w-]{20,}"),
	token("Twilio key", "SK[0-9a-f]{32}"),
	token("age key", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
	token("Vault token", "(?:hv[sbr]\\.[\\w-]{24,})"),
	token("Slack token", "(?:xox[abeoprs]-(?:\\d-)?[A-Za-z0-9-]{24,}|xapp-\\d-[A-Z0-9]+-\\d+-[0-9a-f]{32,})"),
];
