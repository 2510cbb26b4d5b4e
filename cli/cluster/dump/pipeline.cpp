#include "cli/cluster/dump/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/socket/socket.hpp"

namespace raftkv::cli::dump {

namespace {

using protocol::ReplyKind;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_looks{20};

OwnedReply unknown() {
    OwnedReply reply;
    reply.kind = ReplyKind::internal;
    return reply;
}

}  // namespace

Pipeline::Pipeline(const ClusterConfig& config, std::chrono::milliseconds patience, int cancel_fd)
    : servers_(config.servers), patience_(patience), cancel_fd_(cancel_fd) {}

Result<std::vector<OwnedReply>> Pipeline::call(const std::vector<protocol::Request>& requests) {
    Answers answers(requests.size());
    const auto open = [&] { return std::count(answers.begin(), answers.end(), std::nullopt); };
    deadline_ = steady_clock::now() + patience_;
    auto before = open();
    while (before > 0) {
        if (auto connected = connect(); !connected) return connected.error();
        const bool answered = leads(requests.front().key) && exchange(requests, answers);
        if (!answered && wait_until(-1, 0, steady_clock::now() + between_looks, cancel_fd_) ==
                             WaitResult::cancelled) {
            return Error{ErrorKind::interrupted, "interrupted"};
        }
        if (open() < before) deadline_ = steady_clock::now() + patience_;
        before = open();
        if (before > 0 && steady_clock::now() >= deadline_) {
            return Error{ErrorKind::unavailable,
                         fmt::format("no leader answered within {:.3g} s",
                                     static_cast<double>(patience_.count()) / 1000)};
        }
    }
    std::vector<OwnedReply> replies;
    replies.reserve(answers.size());
    for (std::optional<OwnedReply>& answer : answers) replies.push_back(std::move(*answer));
    return replies;
}

Result<void> Pipeline::connect() {
    std::string trouble = "there was no time";
    while (!connection_ && steady_clock::now() < deadline_) {
        const ServerConfig& server = servers_[next_];
        auto connection =
            NodeConnection::connect(server.host, server.client_port, proof_ends(), cancel_fd_);
        if (connection) {
            connection_ = std::move(*connection);
            proven_ = false;
            return {};
        }
        if (connection.error().kind == ErrorKind::interrupted) return connection.error();
        trouble = connection.error().message;
        ask_another();
        if (wait_until(-1, 0, steady_clock::now() + between_looks, cancel_fd_) ==
            WaitResult::cancelled)
            return Error{ErrorKind::interrupted, "interrupted"};
    }
    if (connection_) return {};
    return Error{ErrorKind::unavailable, "no node can be reached: " + trouble};
}

// What is sent to a node that says nothing, one that is paused, say, is lost only when all patience
// is.
bool Pipeline::leads(std::string_view key) {
    if (proven_) return true;
    protocol::Request question;
    question.op = protocol::Op::get;
    question.key = key;
    const Deadline limit = proof_ends();
    const auto reply = connection_->call(question, limit);
    if (reply && reply->kind == ReplyKind::redirect) {
        follow(reply->leader);
    } else if (reply && reply->kind != ReplyKind::internal) {
        proven_ = true;
    } else {
        if (steady_clock::now() >= limit) proof_within_ *= 2;
        ask_another();
    }
    return proven_;
}

bool Pipeline::exchange(const std::vector<protocol::Request>& requests, Answers& answers) {
    std::string bytes;
    std::vector<std::size_t> sent;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (answers[i]) continue;
        protocol::format(requests[i], bytes);
        sent.push_back(i);
    }
    std::optional<NodeId> leader;
    // Also what was not sent whole counts as sent: the caller finds out what is there.
    bool lost = !connection_->send(bytes, deadline_);
    for (std::size_t i : sent) {
        if (lost) {
            answers[i] = unknown();
            continue;
        }
        auto reply = connection_->receive(requests[i].op, deadline_);
        lost = !reply;
        if (reply && reply->kind == ReplyKind::redirect) {
            leader = reply->leader;
        } else {
            answers[i] = reply ? std::move(*reply) : unknown();
        }
    }
    if (lost) ask_another();
    if (leader) follow(*leader);
    return !lost && !leader;
}

void Pipeline::ask_another() {
    connection_.reset();
    next_ = (next_ + 1) % servers_.size();
}

void Pipeline::follow(NodeId leader) {
    const auto named =
        std::find_if(servers_.begin(), servers_.end(),
                     [&](const ServerConfig& server) { return server.id == leader; });
    if (named == servers_.end()) return ask_another();
    connection_.reset();
    next_ = static_cast<std::size_t>(named - servers_.begin());
}

Deadline Pipeline::proof_ends() const {
    return std::min(deadline_, steady_clock::now() + proof_within_);
}

}  // namespace raftkv::cli::dump
