import type { WalkForwardWindow } from "@/lib/api";
import { formatBarDate, formatPercent, plural } from "@/lib/format";

import { stability, type Stability } from "../windows";
import { settingValue, settingWords } from "../words";
import styles from "./walk.module.css";

interface Props {
  readonly windows: readonly WalkForwardWindow[];
  readonly grid: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Which values of each setting the windows chose: a steady choice lies on one line. */
export function StabilityPlot({ windows, grid }: Props) {
  const settings = stability(windows, grid);
  return (
    <section aria-labelledby="stability">
      <h2 id="stability">Is the choice steady?</h2>
      {settings.length === 0 ? (
        <p className={styles.muted}>Every setting had one value only: nothing was chosen.</p>
      ) : (
        settings.map((setting) => <Setting key={setting.name} setting={setting} windows={windows} />)
      )}
    </section>
  );
}

function Setting({ setting, windows }: { readonly setting: Stability; readonly windows: readonly WalkForwardWindow[] }) {
  const most = Math.max(1, ...setting.rows.flatMap(({ counts }) => counts));
  const name = settingWords(setting.name);
  const [first, last] = [windows[0], windows.at(-1)];
  return (
    <div className={styles.scroller}>
      <table className={styles.matrix} aria-label={`Values of ${name} by window`}>
        <caption>
          {name}: {settingValue(setting.commonest)} in {formatPercent(setting.steadiness)} of the choices
        </caption>
        <tbody>
          {setting.rows.map(({ value, counts, share }) => (
            <tr key={String(value)}>
              <th scope="row">{settingValue(value)}</th>
              {counts.map((count, at) => (
                <td key={windows[at]?.number} title={`${formatBarDate(windows[at]?.test_start)}: ${plural(count, "pair")}`}>
                  <Dot share={count / most} />
                  <span className="visually-hidden">{count}</span>
                </td>
              ))}
              <td className={styles.total}>{formatPercent(share)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th />
            <td colSpan={windows.length}>
              <span className={styles.span}>
                <span>{formatBarDate(first?.test_start).slice(0, 7)}</span>
                {windows.length > 2 ? <span>{formatBarDate(last?.test_start).slice(0, 7)}</span> : null}
              </span>
            </td>
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** An area in proportion. */
function Dot({ share }: { readonly share: number }) {
  const radius = Math.sqrt(share) * 7.5;
  return (
    <svg width={16} height={18} aria-hidden="true" focusable="false">
      <circle cx={8} cy={9} r={share === 0 ? 1 : Math.max(2, radius)} className={share === 0 ? styles.none : styles.some} />
    </svg>
  );
}
