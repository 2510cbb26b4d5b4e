#include "cli/test/recording_client.hpp"

#include <fmt/format.h>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

using protocol::Op;
using protocol::ReplyKind;
using std::chrono::steady_clock;

cli::ClusterClient make_client(const ClusterConfig& config, const RecordingClient::Setup& setup) {
    std::vector<cli::Endpoint> nodes;
    for (const ServerConfig& server : config.servers) {
        if (server.id != setup.avoid) nodes.push_back({server.id, server.host, server.client_port});
    }
    cli::ClientOptions options;
    options.timeout = setup.timeout;
    options.cancel_fd = setup.cancel_fd;
    options.start_at = nodes[setup.id % nodes.size()].id;
    return cli::ClusterClient(std::move(nodes), options);
}

bool is_success(Op op, ReplyKind kind) {
    switch (op) {
        case Op::set:
        case Op::cas:
            return kind == ReplyKind::ok;
        case Op::get:
            return kind == ReplyKind::value;
        case Op::getm:
            return kind == ReplyKind::value_meta;
        case Op::del:
            return kind == ReplyKind::deleted;
    }
    check_failed("known Op", __FILE__, __LINE__);
}

bool can_be_refused(Op op, ReplyKind kind) {
    if (kind == ReplyKind::version_err) return op == Op::set || op == Op::cas;
    return kind == ReplyKind::not_found && op != Op::set;
}

// Nothing when the command has no such reply.
std::optional<Outcome> outcome_of(const Operation& operation, ReplyKind kind) {
    if (is_success(operation.op, kind)) return Outcome::ok;
    if (can_be_refused(operation.op, kind)) {
        return kind == ReplyKind::not_found ? Outcome::absent : Outcome::conflict;
    }
    if (kind == ReplyKind::internal) {
        return operation.reads() ? Outcome::not_done : Outcome::unknown;
    }
    if (kind == ReplyKind::redirect) return Outcome::not_done;
    return std::nullopt;
}

Error breach(const Operation& operation, NodeId node, const std::string& what) {
    return Error{
        ErrorKind::failed,
        fmt::format("the protocol was left: node {} answered a well-formed {} of key {} {}",
                    node.value(), protocol::name_of(operation.op), operation.key, what)};
}

}  // namespace

RecordingClient::RecordingClient(const ClusterConfig& config, const Setup& setup)
    : config_(config),
      setup_(setup),
      random_(setup.seed + setup.id),
      client_(make_client(config, setup)) {}

std::string RecordingClient::make_value(std::size_t size) {
    static constexpr char filling[] = {'x', '\r', '\n', '\0', ' ', '9', '\xff', 'y'};
    std::string value = fmt::format("{}.{}.", setup_.id, values_made_++);
    while (value.size() < size) value += filling[random_() % sizeof(filling)];
    return value;
}

Result<Operation> RecordingClient::set(const std::string& key, std::uint32_t exptime_s,
                                       std::size_t size) {
    const std::string value = make_value(size);
    protocol::Request request;
    request.op = Op::set;
    request.key = key;
    request.value = value;
    request.exptime_s = exptime_s;
    return perform(request);
}

Result<Operation> RecordingClient::cas(const std::string& key, std::uint64_t version,
                                       std::uint32_t exptime_s, std::size_t size) {
    const std::string value = make_value(size);
    protocol::Request request;
    request.op = Op::cas;
    request.key = key;
    request.value = value;
    request.exptime_s = exptime_s;
    request.version = version;
    return perform(request);
}

Result<Operation> RecordingClient::del(const std::string& key) {
    protocol::Request request;
    request.op = Op::del;
    request.key = key;
    return perform(request);
}

Result<Operation> RecordingClient::get(const std::string& key) {
    protocol::Request request;
    request.op = Op::get;
    request.key = key;
    return perform(request);
}

Result<Operation> RecordingClient::getm(const std::string& key) {
    protocol::Request request;
    request.op = Op::getm;
    request.key = key;
    return perform(request);
}

Result<Operation> RecordingClient::perform(const protocol::Request& request) {
    Operation operation;
    operation.client = setup_.id;
    operation.op = request.op;
    operation.key = std::string(request.key);
    operation.exptime_s = request.exptime_s;
    operation.expected = request.version;
    if (request.writes()) operation.fingerprint = fingerprint_of(request.value);
    operation.start = steady_clock::now();
    const auto reply = client_.call(request);
    operation.end = steady_clock::now();
    return record(std::move(operation), reply);
}

Result<Operation> RecordingClient::getm_at(NodeId node, const std::string& key) {
    if (auto sent = send_getm(node, key); !sent) return sent.error();
    return receive_getm();
}

Result<void> RecordingClient::send_getm(NodeId node, const std::string& key) {
    RAFTKV_CHECK(!question_);
    protocol::Request request;
    request.op = Op::getm;
    request.key = key;
    std::string bytes;
    protocol::format(request, bytes);

    Operation operation;
    operation.client = setup_.id;
    operation.op = Op::getm;
    operation.key = key;
    operation.start = steady_clock::now();
    const auto deadline = operation.start + setup_.node_timeout;
    const auto connection = connection_to(node, deadline);
    auto sent = connection ? (*connection)->send(bytes, deadline) : connection.error();
    if (!sent && sent.error().kind == ErrorKind::interrupted) return sent;
    question_ = Question{node, std::move(operation), sent};
    return {};
}

Result<Operation> RecordingClient::receive_getm() {
    RAFTKV_CHECK(question_);
    Question question = std::move(*question_);
    question_.reset();
    Result<cli::OwnedReply> reply = cli::OwnedReply{};
    if (question.sent) {
        reply = connections_.at(question.node)
                    .receive(Op::getm, question.operation.start + setup_.node_timeout);
    } else {
        reply = question.sent.error();
    }
    if (reply) {
        reply->answered_by = question.node;
    } else {
        connections_.erase(question.node);
    }
    question.operation.end = steady_clock::now();
    return record(std::move(question.operation), reply);
}

Result<cli::NodeConnection*> RecordingClient::connection_to(NodeId node, cli::Deadline deadline) {
    auto connection = connections_.find(node);
    if (connection != connections_.end() && connection->second.is_stale()) {
        connections_.erase(connection);
        connection = connections_.end();
    }
    if (connection == connections_.end()) {
        const ServerConfig& server = *config_.find(node);
        auto made = cli::NodeConnection::connect(server.host, server.client_port, deadline,
                                                 setup_.cancel_fd);
        if (!made) return made.error();
        connection = connections_.emplace(node, std::move(made).value()).first;
    }
    return &connection->second;
}

Result<Operation> RecordingClient::record(Operation operation,
                                          const Result<cli::OwnedReply>& reply) {
    if (!reply) {
        if (reply.error().kind != ErrorKind::unavailable) return reply.error();
        operation.outcome = Outcome::not_done;
        history_.push_back(operation);
        return operation;
    }
    answered_by_ = reply->answered_by;
    const auto outcome = outcome_of(operation, reply->kind);
    if (!outcome) return breach(operation, reply->answered_by, "in a way it never may");
    operation.outcome = *outcome;
    if (*outcome == Outcome::ok) {
        operation.version = reply->version;
        if (operation.puts() && reply->version == 0) {
            return breach(operation, reply->answered_by, "with version 0");
        }
        if (operation.reads()) {
            operation.fingerprint = fingerprint_of(reply->value);
            operation.exptime_s = reply->exptime_s;
        }
    }
    history_.push_back(operation);
    return operation;
}

}  // namespace raftkv::test
