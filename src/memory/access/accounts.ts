import type { User, Users } from "../../store/users.ts";
import { InputError } from "../errors.ts";
import { hashOfToken, newToken } from "./tokens.ts";
import { checkedUserName } from "./userName.ts";

/** What an administrator does with the users of a server. */

/**
 * @param renew gives a token to somebody who has or had one already.
 * @returns the token, which nothing here keeps.
 * @throws InputError
 */
export async function addUser(
	users: Users,
	given: string,
	{ admin, renew }: { readonly admin: boolean; readonly renew: boolean },
): Promise<{ readonly name: string; readonly token: string }> {
	const name = checkedUserName(given);
	// Nobody keeps apart what looks the same.
	const alike = (await users.list()).find((user) => user.name !== name && folded(user.name) === folded(name));
	if (alike) throw new InputError("NAME", `There is a user ${alike.name} already. Choose another name.`);
	const token = newToken();
	const user = { name, admin, tokenHash: hashOfToken(token), createdAt: Date.now() };
	if (await users.add(user, renew)) return { name, token };
	const known = await userNamed(users, name);
	const state = known.revokedAt === undefined ? "has a token already" : "was revoked";
	throw new InputError(
		"NAME",
		`${name} ${state}, and a new one opens the same memories. If this is the same person, add --new-token; if not, choose another name.`,
	);
}

/**
 * @param unknown whether a name that is not listed can be revoked: somebody whom the identity provider knows.
 * @throws InputError
 */
export async function revokeUser(users: Users, given: string, unknown = false): Promise<string> {
	const name = checkedUserName(given);
	// Nobody has the token of this entry.
	if (unknown)
		await users.add({ name, admin: false, tokenHash: hashOfToken(newToken()), createdAt: Date.now() });
	if (await users.revoke(name, Date.now())) return name;
	const { revokedAt = 0 } = await userNamed(users, name);
	throw new InputError("NAME", `${name} was revoked on ${new Date(revokedAt).toISOString().slice(0, 10)}.`);
}

/** @throws InputError */
async function userNamed(users: Users, name: string): Promise<User> {
	const user = (await users.list()).find((each) => each.name === name);
	if (!user) throw new InputError("NAME", `There is no user ${name}. To see all: mcp-mem0 user list`);
	return user;
}

function folded(name: string): string {
	return name.normalize("NFKC").toLowerCase();
}
