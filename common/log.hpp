#pragma once

#include <string_view>

// One line an event: time, level, then what happened. Goes to stderr. Nothing here is for requests.

namespace raftkv::log {

enum class Level { debug, info, warn, error, off };

// "debug", "info", "warn", "error", "off"; false when it is none of these.
bool parse_level(std::string_view text, Level& level);
void set_level(Level level);

// `context` is put before each message: "node 2".
void set_context(std::string_view context);

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace raftkv::log
