module.exports = "*";
