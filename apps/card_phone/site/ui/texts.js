/* The page's words in the visitor's language. */

export const LANGUAGES = ["en", "ko", "zh-CN"];

const KEPT = "card-reader-language";

/** Korean and Chinese for those who read them, English for everyone else. @returns {string} */
export function preferred() {
  const wanted = [kept(), ...navigator.languages].filter(Boolean);
  const known = { en: "en", ko: "ko", zh: "zh-CN" };
  return wanted.map((tag) => known[tag.split("-")[0].toLowerCase()]).find(Boolean) ?? "en";
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // browsers may forbid storage to a page inside another site's frame
  }
}

/** @param {string} language */
export function keep(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // the choice then lasts as long as the page
  }
}

/**
 * @callback Text
 * @param {string} key
 * @param {Object<string, string|number>} [values] - for the names in braces
 * @returns {string}
 */

/** @param {string} language - one of `LANGUAGES` @returns {Promise<Text>} */
export async function load(language) {
  const answer = await fetch(new URL(`../texts/${language}.json`, import.meta.url));
  const words = await answer.json();
  return (key, values = {}) => {
    if (!(key in words)) throw new Error(`No text ${key} in ${language}`);
    return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
}

/** Writes the words of every element that names them. @param {Text} text @param {string} language */
export function apply(text, language) {
  document.documentElement.lang = language;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
}
