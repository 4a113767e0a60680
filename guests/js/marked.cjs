// CommonJS that asks for CommonJS.
const star = require("./lib/star.cjs");

exports.mark = (text) => star + text + star;
