export interface Line {
	readonly name: string;
	/** x: memories; y: ms. */
	readonly points: readonly { readonly x: number; readonly y: number }[];
}

const width = 860;
const height = 440;
const frame = { left: 70, right: 620, top: 40, bottom: 390 };
/** Told apart also by who sees few colours (Okabe and Ito 2008); ours is the thick one. */
const colours = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666"];

/** Both axes logarithmic, as an SVG that reads on light and dark pages. */
export function plot(lines: readonly Line[]): string {
	const all = lines.flatMap(({ points }) => points);
	const x = scale(
		all.map((point) => point.x),
		frame.left,
		frame.right,
	);
	const y = scale(
		all.map((point) => point.y),
		frame.bottom,
		frame.top,
	);
	const grid = [
		...x.ticks.map(
			(value) =>
				`<line x1="${x.at(value)}" y1="${frame.top}" x2="${x.at(value)}" y2="${frame.bottom}"/><text x="${x.at(value)}" y="${frame.bottom + 18}" text-anchor="middle">${value.toLocaleString("en")}</text>`,
		),
		...y.ticks.map(
			(value) =>
				`<line x1="${frame.left}" y1="${y.at(value)}" x2="${frame.right}" y2="${y.at(value)}"/><text x="${frame.left - 8}" y="${y.at(value) + 4}" text-anchor="end">${value} ms</text>`,
		),
	];
	const drawn = lines.map(({ name, points }, index) => {
		const colour = colours[index % colours.length];
		const path = points.map((point) => `${x.at(point.x)},${y.at(point.y)}`).join(" ");
		const dots = points
			.map(
				(point) =>
					`<circle cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="${index === 0 ? 5 : 3.5}" fill="${colour}"/>`,
			)
			.join("");
		return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${index === 0 ? 4 : 1.5}"/>${dots}<text x="${frame.right + 10}" y="LABEL" fill="${colour}">${name}</text>`;
	});
	// Names that would overlap are moved apart, downwards.
	const places = lines
		.map(({ points }, index) => ({ index, wanted: y.at(points.at(-1)?.y ?? 1) + 4 }))
		.sort((one, other) => one.wanted - other.wanted);
	let lowest = -Infinity;
	for (const place of places) {
		lowest = Math.max(place.wanted, lowest + 17);
		drawn[place.index] = (drawn[place.index] as string).replace("LABEL", String(Math.round(lowest)));
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>Time of a search against the number of memories, for MCP Mem0 and its peers</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${frame.left}" y="22" font-size="15">Time of a search (median) against the number of memories, 1536 dimensions</text>
<g stroke="#dddddd" fill="#444444"><g stroke-width="1">${grid.join("").replaceAll("<text", '<text stroke="none"')}</g></g>
${drawn.join("\n")}
<text x="${(frame.left + frame.right) / 2}" y="${height - 12}" text-anchor="middle" fill="#444444">memories</text>
</svg>
`;
}

function scale(values: readonly number[], from: number, to: number) {
	const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
	const at = (value: number) =>
		Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10;
	const ticks = Array.from({ length: high - low + 1 }, (_, index) =>
		Number((10 ** (low + index)).toPrecision(1)),
	);
	return { at, ticks };
}
