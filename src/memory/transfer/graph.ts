/*
 * Records of a knowledge graph, as the memory server of the Model Context Protocol's authors writes them.
 */

/**
 * What an entity or a relation says, in sentences, and its other fields. Undefined for other records, and for those with
 * parts that are no text, about which the caller says so.
 */
export function sentencesOf(record: Readonly<Record<string, unknown>>) {
	const { type: _, ...fields } = record;
	return entity(fields) ?? relation(fields);
}

function entity({ name, entityType, observations, ...rest }: Readonly<Record<string, unknown>>) {
	if (!isText(name) || !Array.isArray(observations) || !observations.every(isText)) return undefined;
	const what = isText(entityType) ? { entityType } : {};
	if (observations.length > 0)
		return {
			texts: observations.map((said) => `${name}: ${said}`),
			rest: { ...rest, entity: name, ...what },
		};
	return isText(entityType)
		? { texts: [`${name} (${entityType})`], rest: { ...rest, entity: name } }
		: undefined;
}

function relation(record: Readonly<Record<string, unknown>>) {
	const {
		from,
		source = from,
		to,
		target = to,
		relationType,
		relationship = relationType,
		relation,
		...rest
	} = record;
	const verb = relationship ?? relation;
	if (!isText(source) || !isText(target) || !isText(verb)) return undefined;
	return { texts: [`${source} ${verb.replaceAll("_", " ")} ${target}`], rest: { ...rest, relation: verb } };
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value.trim() !== "";
}
