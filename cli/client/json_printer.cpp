#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/client/escape.hpp"
#include "cli/client/printer.hpp"
#include "cli/command_line/json_text.hpp"

namespace raftkv::cli::client {

namespace {

using nlohmann::ordered_json;
using protocol::ReplyKind;

// Messages quote what nodes said, so they may hold any byte.
std::string line_of(const ordered_json& object) {
    return json_text(object) + "\n";
}

class JsonPrinter : public Printer {
  public:
    explicit JsonPrinter(const PrinterOptions& options) : options_(options) {}

    ExitCode outcome(const Statement& statement, const Outcome& outcome) override {
        const Verdict verdict = judge(statement, outcome.result);
        ordered_json object;
        object["ok"] = verdict.exit == ExitCode::done;
        object["command"] = protocol::name_of(statement.request().op);
        object["key"] = statement.key;
        if (verdict.exit == ExitCode::done) {
            add_result(*outcome.result, object);
        } else {
            object["error"] = verdict.word;
            object["message"] = verdict.message;
            if (line_) object["line"] = *line_;
        }
        if (outcome.result && outcome.result->answered_by != unknown_node) {
            object["node"] = outcome.result->answered_by.value();
        }
        object["ms"] = static_cast<double>(outcome.elapsed.count()) / 1000;
        return print(line_of(object), verdict.exit);
    }

    ExitCode status(const std::vector<NodeReport>& shown, const NodeReport* leader) override {
        const ExitCode exit = status_exit(shown, leader);
        ordered_json object;
        object["ok"] = exit == ExitCode::done;
        object["command"] = "status";
        object["leader"] = nullptr;
        if (leader != nullptr) object["leader"] = leader->status->id.value();
        object["nodes"] = ordered_json::array();
        for (const NodeReport& report : shown) object["nodes"].push_back(node(report, leader));
        return print(line_of(object), exit);
    }

    ExitCode error(const Error& error) override {
        ordered_json object;
        object["ok"] = false;
        object["error"] = name_of(error.kind);
        object["message"] = where() + error.message;
        if (line_) object["line"] = *line_;
        return print(line_of(object), exit_code(error.kind));
    }

    ExitCode text(std::string_view text) override {
        ordered_json object;
        object["ok"] = true;
        object["text"] = text;
        return print(line_of(object));
    }

  private:
    void add_result(const OwnedReply& reply, ordered_json& object) const {
        const bool has_value =
            reply.kind == ReplyKind::value || reply.kind == ReplyKind::value_meta;
        const bool has_version = reply.kind == ReplyKind::ok || reply.kind == ReplyKind::value_meta;
        if (has_version) object["version"] = reply.version;
        if (reply.kind == ReplyKind::value_meta) object["exptime"] = reply.exptime_s;
        if (!has_value) return;
        // JSON holds no bytes that are no text.
        if (options_.hex || !is_utf8(reply.value)) {
            object["value_hex"] = to_hex(reply.value);
        } else {
            object["value"] = reply.value;
        }
    }

    static ordered_json node(const NodeReport& report, const NodeReport* leader) {
        const Endpoint place{report.node.id, report.node.host, report.node.client_port};
        ordered_json object;
        object["id"] = nullptr;
        if (report.status) object["id"] = report.status->id.value();
        if (!report.status && place.id != unknown_node) object["id"] = place.id.value();
        object["address"] = place.address();
        object["votes"] = report.node.votes;
        object["up"] = report.status.ok();
        if (!report.status) {
            object["message"] = report.status.error().message;
            return object;
        }
        const NodeStatus& status = *report.status;
        object["role"] = name_of(status.role);
        object["term"] = status.term.value();
        object["commit"] = status.commit.value();
        object["applied"] = status.applied.value();
        object["lag"] = nullptr;
        if (const auto lag = lag_of(report, leader)) object["lag"] = *lag;
        object["keys"] = status.keys;
        object["read_mode"] = status.read_mode;
        object["distrusted"] = status.distrusted;
        object["uptime_ms"] = status.uptime_ms;
        object["pid"] = status.pid;
        return object;
    }

    PrinterOptions options_;
};

}  // namespace

std::unique_ptr<Printer> make_json_printer(const PrinterOptions& options) {
    return std::make_unique<JsonPrinter>(options);
}

}  // namespace raftkv::cli::client
