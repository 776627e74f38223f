/** One request, priced line by line. The amounts are written out, not computed: quantity × price per million tokens, to the last digit. */
const lines = [
  { what: "Input, fresh", tokens: "1,200", rate: "$2.50", amount: "$0.003000" },
  { what: "Input, cached", tokens: "3,000", rate: "$1.25", amount: "$0.003750" },
  { what: "Output", tokens: "450", rate: "$10.00", amount: "$0.004500" },
];

/** What "exact" means, on one request. */
export function ExampleReceipt() {
  return (
    <figure className="rounded-lg border border-border bg-raised p-5 shadow-[0_1px_2px_oklch(0_0_0/0.05)]">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <span className="font-medium">gpt-4o, one request</span>
        <span className="text-muted text-xs">Example of a receipt</span>
      </figcaption>
      <table className="figures mt-4 w-full text-sm">
        <thead className="text-muted text-xs">
          <tr className="border-border border-b">
            <th scope="col" className="pb-2 text-start font-medium">
              Line
            </th>
            <th scope="col" className="pb-2 text-end font-medium">
              Tokens
            </th>
            <th scope="col" className="pb-2 text-end font-medium">
              per 1 M
            </th>
            <th scope="col" className="pb-2 text-end font-medium">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ what, tokens, rate, amount }) => (
            <tr key={what}>
              <th scope="row" className="py-1.5 text-start font-normal">
                {what}
              </th>
              <td className="py-1.5 text-end">{tokens}</td>
              <td className="py-1.5 text-end text-muted">{rate}</td>
              <td className="py-1.5 text-end">{amount}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="border-border border-t font-semibold">
            <th scope="row" colSpan={3} className="pt-2.5 text-start">
              Total
            </th>
            <td className="pt-2.5 text-end">$0.011250</td>
          </tr>
        </tfoot>
      </table>
    </figure>
  );
}
