#include "common/config_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "common/config_keys.hpp"

namespace raftkv {
namespace {

using nlohmann::json;

constexpr int max_depth = 8;
constexpr std::size_t max_shown = 200;

// Thrown by the parser's callback, the only way to make it stop; never leaves this file.
struct Refused {
    std::string why;
};

std::string printable(std::string text, std::size_t limit) {
    if (text.size() > limit) text.replace(limit, text.npos, "...");
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

// The keys of all objects that are open at this point of the text.
class OpenObjects {
  public:
    bool see(int depth, json::parse_event_t event, const json& parsed) {
        if (depth > max_depth)
            throw Refused{fmt::format("the configuration nests deeper than {} levels", max_depth)};
        switch (event) {
            case json::parse_event_t::object_start:
                keys_.emplace_back();
                break;
            case json::parse_event_t::object_end:
                keys_.pop_back();
                break;
            case json::parse_event_t::key:
                add(parsed.get_ref<const std::string&>());
                break;
            default:
                break;
        }
        return true;
    }

  private:
    void add(const std::string& key) {
        if (keys_.back().insert(lower_case(key)).second) return;
        throw Refused{fmt::format("the configuration has the key \"{}\" twice in one object",
                                  printable(key, 60))};
    }

    std::vector<std::set<std::string>> keys_;
};

// "[json.exception.parse_error.101] parse error at line 3, ..." without its first part.
std::string without_tag(std::string_view what) {
    const std::size_t end = what.find("] ");
    return std::string(end == what.npos ? what : what.substr(end + 2));
}

}  // namespace

Result<json> parse_config_json(std::string_view text) {
    if (text.size() > max_config_bytes) {
        return Error{ErrorKind::usage, "the configuration is larger than 1 MiB"};
    }
    if (text.find_first_not_of(" \t\r\n") == text.npos) {
        return Error{ErrorKind::usage,
                     R"(the configuration is empty; it needs at least {"Servers": [...]})"};
    }
    OpenObjects open;
    try {
        return json::parse(text.begin(), text.end(),
                           [&open](int depth, json::parse_event_t event, json& parsed) {
                               return open.see(depth, event, parsed);
                           });
    } catch (const Refused& refused) {
        return Error{ErrorKind::usage, refused.why};
    } catch (const json::exception& error) {
        return Error{ErrorKind::usage, "the configuration is not JSON: " +
                                           printable(without_tag(error.what()), max_shown)};
    }
}

std::string shown(const json& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "a list";
    return printable(value.dump(-1, ' ', true, json::error_handler_t::replace), 60);
}

}  // namespace raftkv
