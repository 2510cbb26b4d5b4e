#include "common/faults/fault_spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "common/check.hpp"
#include "common/faults/fault_amount.hpp"

namespace raftkv {
namespace {

enum class Amount { none, time, signed_time, percent, signed_percent };

struct Form {
    FaultKind kind;
    std::string_view name;
    Amount amount;
    bool directed;
    std::int64_t most;  // of the amount, in its unit
};

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t hour_ms = 3600 * second_ms;
constexpr std::int64_t year_ms = 365 * 24 * hour_ms;
constexpr std::int64_t whole = 100 * 100;  // hundredths of a percent

constexpr std::array forms{
    Form{FaultKind::cut, "cut", Amount::none, true, 0},
    Form{FaultKind::delay, "delay", Amount::time, true, hour_ms},
    Form{FaultKind::drop, "drop", Amount::percent, true, whole},
    Form{FaultKind::disk_full, "disk-full", Amount::none, false, 0},
    Form{FaultKind::slow_disk, "slow-disk", Amount::time, false, hour_ms},
    Form{FaultKind::stall_disk, "stall-disk", Amount::none, false, 0},
    Form{FaultKind::fail_disk, "fail-disk", Amount::none, false, 0},
    Form{FaultKind::clock_jump, "clock", Amount::signed_time, false, 100 * year_ms},
    // A clock that stands still or goes back would be no clock of a machine.
    Form{FaultKind::clock_rate, "clock-rate", Amount::signed_percent, false, whole / 2},
};

Error wrong(std::string message) {
    return Error{ErrorKind::usage, std::move(message)};
}

const Form& form_of(FaultKind kind) {
    const auto* form = std::find_if(forms.begin(), forms.end(),
                                    [kind](const Form& known) { return known.kind == kind; });
    RAFTKV_CHECK(form != forms.end());
    return *form;
}

// The words one after another; an empty one when there are no more.
class Words {
  public:
    explicit Words(std::span<const std::string> words) : words_(words) {}
    bool done() const { return words_.empty(); }
    std::string_view next() {
        if (words_.empty()) return {};
        std::string_view word = words_.front();
        words_ = words_.subspan(1);
        return word;
    }

  private:
    std::span<const std::string> words_;
};

bool has_sign(Amount amount) {
    return amount == Amount::signed_time || amount == Amount::signed_percent;
}

Result<void> read_amount(const Form& form, Words& words, FaultSpec& fault) {
    if (form.amount == Amount::none) return {};
    std::string_view word = words.next();
    bool is_time = form.amount == Amount::time || form.amount == Amount::signed_time;
    auto amount = is_time ? parse_fault_time(word, has_sign(form.amount))
                          : parse_fault_percent(word, has_sign(form.amount));
    if (!amount) return wrong(fmt::format("{}: {}", form.name, amount.error().message));
    if (*amount == 0) return wrong(fmt::format("{} of nothing is no fault", form.name));
    if (*amount > form.most || *amount < -form.most) {
        std::string most =
            is_time ? fault_time_text(form.most) : fault_percent_text(form.most, false);
        return wrong(fmt::format("{} can be {} at most", form.name, most));
    }
    fault.amount = *amount;
    return {};
}

Result<void> read_direction(const Form& form, Words& words, FaultSpec& fault) {
    if (!form.directed) return {};
    std::string_view direction = words.next();
    if (direction != "to" && direction != "from")
        return wrong(
            fmt::format("{} is followed by \"to\" or \"from\" and a node's id or all", form.name));
    fault.direction = direction == "to" ? FaultDirection::to : FaultDirection::from;
    std::string_view peer = words.next();
    if (peer == "all") return {};
    auto id = parse_fault_node(peer);
    if (!id) return id.error();
    fault.peer = *id;
    return {};
}

Result<void> read_duration(Words& words, FaultSpec& fault) {
    if (words.done()) return {};
    if (std::string_view word = words.next(); word != "for")
        return wrong(fmt::format("\"{}\" was not expected here", shown_word(word)));
    auto lasts = parse_fault_time(words.next(), false);
    if (!lasts) return lasts.error();
    if (*lasts == 0 || *lasts > year_ms)
        return wrong("a fault lasts from 1ms to a year, or until it is lifted");
    fault.lasts_ms = *lasts;
    if (!words.done())
        return wrong(fmt::format("\"{}\" was not expected here", shown_word(words.next())));
    return {};
}

std::string amount_text(const FaultSpec& fault) {
    switch (form_of(fault.kind).amount) {
        case Amount::none:
            return "";
        case Amount::time:
            return " " + fault_time_text(fault.amount);
        case Amount::signed_time:
            return (fault.amount > 0 ? " +" : " ") + fault_time_text(fault.amount);
        case Amount::percent:
            return " " + fault_percent_text(fault.amount, false);
        case Amount::signed_percent:
            return " " + fault_percent_text(fault.amount, true);
    }
    RAFTKV_CHECK(false);
}

std::string peer_text(const FaultSpec& fault) {
    return fault.peer ? std::to_string(fault.peer->value()) : "all";
}

}  // namespace

Result<FaultSpec> parse_fault(std::span<const std::string> given) {
    Words words(given);
    std::string_view name = words.next();
    const auto* form = std::find_if(forms.begin(), forms.end(),
                                    [name](const Form& known) { return known.name == name; });
    if (form == forms.end()) {
        std::vector<std::string_view> names;
        for (const Form& known : forms) names.push_back(known.name);
        return wrong(fmt::format("\"{}\" is no fault; there are {}", shown_word(name),
                                 fmt::join(names, ", ")));
    }
    FaultSpec fault;
    fault.kind = form->kind;
    if (auto read = read_amount(*form, words, fault); !read) return read.error();
    if (auto read = read_direction(*form, words, fault); !read) return read.error();
    if (auto read = read_duration(words, fault); !read) return read.error();
    return fault;
}

Result<FaultSpec> parse_fault_text(std::string_view text) {
    // More words than any fault has: one too many is refused, and so is a thousand.
    constexpr std::size_t most_words = 16;
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string> words;
    while (words.size() < most_words) {
        std::size_t begin = text.find_first_not_of(blanks);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        std::size_t length = std::min(text.find_first_of(blanks), text.size());
        words.emplace_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return parse_fault(words);
}

std::string to_text(const FaultSpec& fault) {
    const Form& form = form_of(fault.kind);
    std::string text = std::string(form.name) + amount_text(fault);
    if (form.directed) {
        text += fault.direction == FaultDirection::to ? " to " : " from ";
        text += peer_text(fault);
    }
    if (fault.lasts_ms) text += " for " + fault_time_text(*fault.lasts_ms);
    return text;
}

bool same_place(const FaultSpec& one, const FaultSpec& other) {
    if (one.kind != other.kind) return false;
    return !form_of(one.kind).directed ||
           (one.direction == other.direction && one.peer == other.peer);
}

namespace {

// Faults that differ in their peer and direction alone.
struct Group {
    std::string what;
    std::vector<std::string> to, from;
    std::int64_t left_ms = 0;
};

std::string text_of(const Group& group) {
    std::string text = group.what;
    if (group.to == group.from) {
        if (!group.to.empty()) text += fmt::format(" {}", fmt::join(group.to, ","));
    } else {
        if (!group.to.empty()) text += fmt::format(" to {}", fmt::join(group.to, ","));
        if (!group.from.empty()) text += fmt::format(" from {}", fmt::join(group.from, ","));
    }
    std::int64_t seconds = (group.left_ms + second_ms - 1) / second_ms;
    if (seconds > 0) text += fmt::format(" ({})", fault_time_text(seconds * second_ms));
    return text;
}

}  // namespace

std::string summary_of(const std::vector<FaultSpec>& faults) {
    std::vector<Group> groups;
    for (const FaultSpec& fault : faults) {
        const Form& form = form_of(fault.kind);
        std::string what = std::string(form.name) + amount_text(fault);
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&what](const Group& known) { return known.what == what; });
        if (group == groups.end()) group = groups.insert(groups.end(), Group{what, {}, {}, 0});
        if (form.directed) {
            auto& peers = fault.direction == FaultDirection::to ? group->to : group->from;
            peers.push_back(peer_text(fault));
        }
        group->left_ms = std::max(group->left_ms, fault.lasts_ms.value_or(0));
    }
    std::vector<std::string> texts;
    for (Group& group : groups) {
        std::sort(group.to.begin(), group.to.end());
        std::sort(group.from.begin(), group.from.end());
        texts.push_back(text_of(group));
    }
    return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace raftkv
