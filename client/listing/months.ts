/**
 * Words in listings that depend on the server's language: months, and the line of the total.
 *
 * @module
 */
import { readableName } from "../remote_name.ts";

/** Short names of the months as `ls` writes them; a slash stands between other spellings. */
const MONTHS: Readonly<Record<string, string>> = {
  english: "jan feb mar apr may jun jul aug sep/sept oct nov dec",
  german: "jan feb mär/märz/mrz/maer apr mai jun/juni jul/juli aug sep okt nov dez",
  french:
    "janv/jan févr/fév/fev mars/mar avril/avr mai juin/jui juil août/aoû sept/sep oct nov déc",
  spanish: "ene feb mar abr may jun jul ago sep/sept/set oct nov dic",
  italian: "gen feb mar apr mag giu lug ago set ott nov dic",
  portuguese: "jan fev mar abr mai jun jul ago set out nov dez",
  dutch: "jan feb mrt/maa apr mei jun jul aug sep okt nov dec",
  polish: "sty lut mar kwi maj cze lip sie wrz paź lis gru",
  russian: "янв фев/февр мар/март апр май/мая июн/июнь июл/июль авг сен/сент окт ноя/нояб дек",
  czech: "led úno bře dub kvě čen/čvn čec/čvc srp zář říj lis pro",
  swedish: "jan feb mar/mars apr maj jun/juni jul/juli aug sep okt nov dec",
  danish: "jan feb mar apr maj jun jul aug sep okt nov dec",
  norwegian: "jan feb mars/mar april/apr mai juni/jun juli/jul aug sep/sept okt nov des",
  finnish: "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
  hungarian: "jan febr/feb márc/már ápr máj jún júl aug szept/szep/sze okt nov dec",
  turkish: "oca şub mar nis may haz tem ağu eyl eki kas ara",
};

/** The line above a listing: `total 12`, in the same languages and those of East Asia. */
const TOTAL = new RegExp(
  "^(?:total|gesamt|insgesamt|totale|totaal|razem|suma|итого|всего|celkem|totalt|sammenlagt|i alt|" +
    "yhteensä|összesen|toplam|合計|合计|总用量|總用量|总计|總計|총|합계)" +
    "[:：]? ?\\d+(?:[.,]\\d+)?[kmgtp]?i?b?\\s*$",
  "iu",
);

const NUMBERS = new Map(
  Object.values(MONTHS).flatMap((names) =>
    names.split(" ").flatMap((spellings, index) =>
      spellings.split("/").map((name) => [name, index + 1] as const)
    )
  ),
);

/** `8月`, `8월`, and the same in an encoding that is not ours: a number and what is no ASCII. */
// deno-lint-ignore no-control-regex -- all of ASCII is what it excludes
const NUMBERED = /^(\d{1,2})[^\x00-\x7f]{1,3}$/;

/**
 * The number of a month.
 *
 * @param word Its short name in any language of the table, with or without a dot; or `8月`.
 * @returns 1 to 12; 0 for anything else.
 */
export function monthNumber(word: string): number {
  const number = Number(word.match(NUMBERED)?.[1] ?? 0);
  if (number >= 1 && number <= 12) return number;
  const name = readableName(word).normalize("NFC").toLowerCase().replace(/\.$/, "");
  return NUMBERS.get(name) ?? 0;
}

/**
 * Whether a line is the total above a listing.
 *
 * @param line The line without its end.
 * @returns True in any language of the table.
 */
export function isTotal(line: string): boolean {
  return TOTAL.test(readableName(line));
}
