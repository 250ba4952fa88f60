export default { test: { globalSetup: "./waypost.js" } };
