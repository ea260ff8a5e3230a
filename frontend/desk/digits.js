// Fields for numbers drop the digits of other scripts without a word: here they come as 0 to 9.
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0be6]; // Arabic, Persian, Hindi, Bengali, Tamil

const plain = (text) =>
  text.replace(/\p{Nd}/gu, (one) => {
    const zero = ZEROS.find((first) => one.codePointAt(0) >= first && one.codePointAt(0) < first + 10);
    return zero === undefined ? one : String(one.codePointAt(0) - zero);
  });

document.addEventListener("beforeinput", (event) => {
  if (event.target.type !== "number" || !event.data) return;
  const text = plain(event.data);
  if (text === event.data) return;
  event.preventDefault();
  document.execCommand("insertText", false, text);
});
