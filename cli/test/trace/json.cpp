#include "cli/test/trace/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

namespace raftkv::trace {

namespace {

// Bytes that are no UTF-8 become U+FFFD; everything beyond ASCII is escaped, so that no reader has
// to guess an encoding.
std::string json_string(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// "null" where there is nothing.
template <class T>
std::string number_or_null(const std::optional<T>& value) {
    return value ? fmt::to_string(*value) : "null";
}

template <class T>
std::vector<const T*> in_order(const std::vector<T>& list, Micros T::*time) {
    std::vector<const T*> sorted;
    sorted.reserve(list.size());
    for (const T& one : list) {
        sorted.push_back(&one);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const T* left, const T* right) { return left->*time < right->*time; });
    return sorted;
}

// A row an event, which is an array of numbers, nulls and positions in "texts": a run has hundreds
// of thousands of events, and a browser is to read them at once.
class Writer {
  public:
    std::string run(const Trace& trace) {
        head(trace);
        names();
        roles(trace);
        messages(trace);
        faults(trace);
        commits(trace);
        disks(trace);
        operations(trace);
        notes(trace);
        texts();
        return std::move(out_);
    }

  private:
    template <class... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    }

    template <class T, class Row>
    void rows(std::string_view name, const std::vector<const T*>& list, Row row) {
        add("\"{}\":[", name);
        std::string_view separator = "\n";
        for (const T* one : list) {
            out_ += separator;
            row(*one);
            separator = ",\n";
        }
        out_ += "],\n";
    }

    // The position of a text in "texts". Where a row has two, they are looked up one after the
    // other: the compiler may choose the order of arguments.
    std::size_t text(std::string_view bytes) {
        auto [place, is_new] = known_.try_emplace(bytes, texts_.size());
        if (is_new) {
            texts_.push_back(bytes);
        }
        return place->second;
    }

    void head(const Trace& trace) {
        // The seed is a string: it may not fit into the numbers of JavaScript.
        add("{{\"format\":\"raftkv trace 1\",\n\"seed\":\"{}\",\n\"command\":{},\n", trace.seed,
            json_string(trace.command));
        add("\"nodes\":{},\n\"start_us\":{},\n\"end_us\":{},\n\"truncated\":{},\n", trace.nodes,
            trace.start_us, trace.end_us, trace.truncated);
        if (!trace.failure) {
            out_ += "\"failure\":null,\n";
            return;
        }
        const Failure& failure = *trace.failure;
        add("\"failure\":{{\"invariant\":{},\"message\":{},\"time_us\":{},\"node\":{}}},\n",
            json_string(failure.invariant), json_string(failure.message), failure.time_us,
            number_or_null(failure.node));
    }

    template <class Enum>
    void names_until(std::string_view what, Enum last) {
        add("\"{}\":[", what);
        for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
            add("{}\"{}\"", i == 0 ? "" : ",", name_of(static_cast<Enum>(i)));
        }
        out_ += "],\n";
    }

    void names() {
        names_until("role_names", Role::paused);
        names_until("message_names", MessageKind::other);
        names_until("lost_names", Lost::receiver_down);
    }

    void roles(const Trace& trace) {
        rows("roles", in_order(trace.roles, &RoleSpan::from_us), [this](const RoleSpan& span) {
            add("[{},{},{},{},{}]", span.from_us, span.to_us, span.node,
                static_cast<int>(span.role), span.term);
        });
    }

    void messages(const Trace& trace) {
        auto sorted = in_order(trace.messages, &MessageEvent::sent_us);
        rows("messages", sorted, [this](const MessageEvent& message) {
            std::optional<int> lost;
            if (message.lost) {
                lost = static_cast<int>(*message.lost);
            }
            add("[{},{},{},{},{},{},{},{}]", message.sent_us, number_or_null(message.received_us),
                message.from, message.to, static_cast<int>(message.kind), message.term,
                number_or_null(lost), text(message.text));
        });
    }

    void faults(const Trace& trace) {
        rows("faults", in_order(trace.faults, &FaultSpan::from_us), [this](const FaultSpan& fault) {
            std::size_t kind = text(fault.kind);
            add("[{},{},{},{},{},{}]", fault.from_us, number_or_null(fault.to_us),
                number_or_null(fault.node), number_or_null(fault.peer), kind, text(fault.text));
        });
    }

    void commits(const Trace& trace) {
        auto sorted = in_order(trace.commits, &CommitEvent::time_us);
        rows("commits", sorted, [this](const CommitEvent& commit) {
            add("[{},{},{},{}]", commit.time_us, commit.node, commit.index, commit.term);
        });
    }

    void disks(const Trace& trace) {
        rows("disks", in_order(trace.disks, &DiskEvent::from_us), [this](const DiskEvent& disk) {
            add("[{},{},{},{}]", disk.from_us, disk.to_us, disk.node, text(disk.text));
        });
    }

    void operations(const Trace& trace) {
        auto sorted = in_order(trace.operations, &ClientOp::start_us);
        rows("operations", sorted, [this](const ClientOp& operation) {
            std::size_t request = text(operation.text);
            add("[{},{},{},{},{},{}]", operation.start_us, number_or_null(operation.end_us),
                operation.client, operation.node, request, text(operation.reply));
        });
    }

    void notes(const Trace& trace) {
        rows("notes", in_order(trace.notes, &Note::time_us), [this](const Note& note) {
            add("[{},{},{}]", note.time_us, number_or_null(note.node), text(note.text));
        });
    }

    void texts() {
        out_ += "\"texts\":[";
        std::string_view separator = "\n";
        for (std::string_view one : texts_) {
            out_ += separator;
            out_ += json_string(one);
            separator = ",\n";
        }
        out_ += "]}\n";
    }

    std::string out_;
    std::vector<std::string_view> texts_;  // of the trace, in the order of their first use
    std::unordered_map<std::string_view, std::size_t> known_;
};

}  // namespace

std::string to_json(const Trace& trace) {
    return Writer().run(trace);
}

}  // namespace raftkv::trace
