import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import { placeholderIn } from "./placeholders.ts";
import type { Environment } from "./variables.ts";

/**
 * A path with what a shell would expand. Whatever it would not expand is refused, so that no folder gets its name.
 * @returns the path, or why there is none.
 */
export function expandPath(
	text: string,
	env: Environment,
	platform: NodeJS.Platform = process.platform,
): string | { readonly why: string } {
	const windows = platform === "win32";
	if (/^~(?![\\/]|$)/.test(text)) return { why: l10n.t("the home folder of another user is not looked up") };
	const unset: string[] = [];
	const lookUp = (name: string, otherwise?: string) => {
		const own = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
		const value = own || otherwise || (name === "HOME" ? homedir() : "");
		if (!value) unset.push(name);
		return value;
	};
	const names = windows ? /\$(\w+)|\$\{(\w+)(?::-([^}]*))?\}|%(\w+)%/g : /\$(\w+)|\$\{(\w+)(?::-([^}]*))?\}/g;
	const path = text
		.replace(/^~/, homedir)
		.replace(names, (_, bare?: string, braced?: string, otherwise?: string, percent?: string) =>
			lookUp(bare ?? braced ?? percent ?? "", otherwise),
		);
	if (unset.length > 0) return { why: l10n.t`the environment variable ${unset.join(", ")} is not set` };
	const placeholder = placeholderIn(path, { type: "string" });
	if (placeholder !== undefined || /\$[({]|`/.test(path))
		return { why: l10n.t`nobody filled in the placeholder ${placeholder ?? ""}`.trim() };
	if (/^["'“”‘’]/.test(path)) return { why: l10n.t("a path is written without quotation marks here") };
	if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return { why: l10n.t("it is a URL") };
	if (!windows && /^[a-z]:[\\/]/i.test(path)) return { why: l10n.t("it is a path of Windows") };
	if (path.includes("\0")) return { why: l10n.t("it contains a zero character") };
	return path;
}
