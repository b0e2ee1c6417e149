// Runs before every test file: tests speak UTC and English unless they say otherwise.
process.env["TZ"] = "UTC";
process.env["LC_ALL"] = "C.UTF-8";
