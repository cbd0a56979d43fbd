package org.parley.agents.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection to the sandbox: the server's side of RFC 5321, with PIPELINING. */
final class SandboxSession extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxSession.class);
  private static final int MAX_LINE_OCTETS = 4096;
  private static final int MAX_RECIPIENTS = 100;

  private final SandboxSmtp sandbox;
  private final ByteBuf waiting = Unpooled.buffer(4096);
  private final StringBuilder replies = new StringBuilder();
  private final StringBuilder dripping = new StringBuilder();
  private boolean drips;
  private @Nullable String sender;
  private Instant begun = Instant.EPOCH;
  private final List<String> recipients = new ArrayList<>();
  private @Nullable ByteArrayOutputStream content;
  private boolean tooLarge;
  private boolean pausing;
  private boolean closing;

  SandboxSession(SandboxSmtp sandbox) {
    this.sandbox = sandbox;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    sandbox.opened(ctx.channel());
    reply("220 sandbox.parley.example ESMTP");
    flush(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf octets = (ByteBuf) msg;
    try {
      waiting.writeBytes(octets);
    } finally {
      octets.release();
    }
    proceed(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var unused = ctx.close(); // a client that goes away is nothing to tell
  }

  /** Takes line after line until one is incomplete, or the answer to one has to wait. */
  private void proceed(ChannelHandlerContext ctx) {
    while (!pausing && !closing) {
      int end = waiting.indexOf(waiting.readerIndex(), waiting.writerIndex(), (byte) '\n');
      if (end < 0) {
        if (content == null && waiting.readableBytes() > MAX_LINE_OCTETS) {
          reply("500 5.5.2 line too long");
          closing = true;
        }
        if (waiting.readableBytes() > sandbox.settings().maxOctets()) closing = true;
        break;
      }
      int length = end - waiting.readerIndex() + 1;
      if (content == null) {
        String line = waiting.readCharSequence(length, StandardCharsets.UTF_8).toString().strip();
        command(line);
      } else {
        contentLine(length, ctx);
      }
    }
    waiting.discardSomeReadBytes();
    flush(ctx);
    if (closing) {
      var unused = ctx.close();
    }
  }

  private void command(String line) {
    int space = line.indexOf(' ');
    String verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
    switch (verb) {
      case "EHLO" -> hello();
      case "HELO" -> {
        reset();
        reply("250 sandbox.parley.example");
      }
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> data();
      case "RSET" -> {
        reset();
        reply("250 2.0.0 reset");
      }
      case "NOOP" -> reply("250 2.0.0 ok");
      case "VRFY" -> reply("252 2.5.0 send some mail and see");
      case "QUIT" -> {
        reply("221 2.0.0 bye");
        closing = true;
      }
      default -> reply("500 5.5.2 what is that");
    }
  }

  private void hello() {
    reset();
    reply("250-sandbox.parley.example");
    reply("250-PIPELINING");
    reply("250-SIZE " + sandbox.settings().maxOctets());
    reply("250-8BITMIME");
    reply("250-ENHANCEDSTATUSCODES");
    reply("250 SMTPUTF8");
  }

  private void mail(String line) {
    String path = path(line);
    if (path == null) {
      reply("501 5.5.4 MAIL FROM:<address>");
    } else if (sender != null) {
      reply("503 5.5.1 there is a sender already");
    } else {
      sender = path;
      begun = Instant.now();
      reply("250 2.1.0 ok");
    }
  }

  private void recipient(String line) {
    String path = path(line);
    if (sender == null) {
      reply("503 5.5.1 MAIL first");
    } else if (path == null || path.isEmpty()) {
      reply("501 5.5.4 RCPT TO:<address>");
    } else if (recipients.size() >= MAX_RECIPIENTS) {
      reply("452 4.5.3 too many recipients");
    } else if (path.toLowerCase(Locale.ROOT).endsWith("@bounce.example")) {
      reply("550 5.1.1 no such mailbox");
    } else if (sandbox.draws(sandbox.mischief().refuseShare())) {
      int code = sandbox.mischief().refuseCode();
      reply(code + (code < 500 ? " 4.3.0 not now" : " 5.1.1 no such mailbox"));
    } else {
      recipients.add(path);
      reply("250 2.1.5 ok");
    }
  }

  private static @Nullable String path(String line) {
    int open = line.indexOf('<');
    int close = line.indexOf('>', open + 1);
    return open < 0 || close < 0 ? null : line.substring(open + 1, close);
  }

  private void data() {
    if (recipients.isEmpty()) {
      reply("503 5.5.1 no valid recipient");
    } else if (sandbox.draws(sandbox.mischief().dropBeforeDotShare())) {
      closing = true;
    } else {
      content = new ByteArrayOutputStream(2048);
      tooLarge = false;
      reply("354 end with a dot on a line of its own");
    }
  }

  private void contentLine(int length, ChannelHandlerContext ctx) {
    int start = waiting.readerIndex();
    waiting.skipBytes(length);
    boolean dot = waiting.getByte(start) == '.';
    if (dot && length == 3 && waiting.getByte(start + 1) == '\r') {
      accept(ctx);
      return;
    }
    ByteArrayOutputStream into = content;
    if (into == null) return;
    if (into.size() + length > sandbox.settings().maxOctets()) {
      tooLarge = true;
      return;
    }
    int skipped = dot ? 1 : 0;
    byte[] line = ByteBufUtil.getBytes(waiting, start + skipped, length - skipped, false);
    into.write(line, 0, line.length);
  }

  private void accept(ChannelHandlerContext ctx) {
    byte[] octets = content == null ? new byte[0] : content.toByteArray();
    List<String> to = List.copyOf(recipients);
    String from = sender == null ? "" : sender;
    content = null;
    reset();
    if (tooLarge) {
      reply("552 5.3.4 message too large");
      return;
    }
    long delayMillis = delayMillis(to);
    if (delayMillis == 0) {
      answer(from, to, octets);
      return;
    }
    pausing = true;
    flush(ctx);
    var unused =
        ctx.executor()
            .schedule(
                () -> {
                  pausing = false;
                  if (closing) return;
                  answer(from, to, octets);
                  proceed(ctx);
                },
                delayMillis,
                TimeUnit.MILLISECONDS);
  }

  private long delayMillis(List<String> to) {
    long own = to.stream().anyMatch(path -> domainIs(path, "slow.example")) ? 500 : 0;
    return own + sandbox.mischief().delay().toMillis();
  }

  private void answer(String from, List<String> to, byte[] octets) {
    try {
      sandbox.accept(Instant.now(), begun, from, to, octets);
    } catch (IOException e) {
      LOG.error("The sandbox cannot write its ledger", e);
      reply("451 4.3.0 the ledger cannot be written");
      return;
    }
    boolean vanishes = to.stream().anyMatch(path -> domainIs(path, "vanish.example"));
    if (vanishes || sandbox.draws(sandbox.mischief().dropAfterDotShare())) {
      closing = true;
    } else {
      reply("250 2.0.0 taken");
    }
  }

  private static boolean domainIs(String path, String domain) {
    return path.toLowerCase(Locale.ROOT).endsWith('@' + domain);
  }

  private void reset() {
    sender = null;
    recipients.clear();
  }

  private void reply(String line) {
    replies.append(line).append("\r\n");
  }

  private void flush(ChannelHandlerContext ctx) {
    if (replies.length() == 0) return;
    if (drips || sandbox.mischief().octetsPerSecond() > 0) {
      dripping.append(replies);
      replies.setLength(0);
      if (!drips) drip(ctx);
      return;
    }
    var unused = ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), replies));
    replies.setLength(0);
  }

  /** Writes the next octet of what it has to say, and the others after it. */
  private void drip(ChannelHandlerContext ctx) {
    drips = !dripping.isEmpty() && ctx.channel().isActive();
    if (!drips) return;
    var unused = ctx.writeAndFlush(ByteBufUtil.writeUtf8(ctx.alloc(), dripping.substring(0, 1)));
    dripping.deleteCharAt(0);
    int perSecond = Math.max(1, sandbox.mischief().octetsPerSecond());
    var unusedNext =
        ctx.executor().schedule(() -> drip(ctx), 1_000 / perSecond, TimeUnit.MILLISECONDS);
  }
}
