package org.parley.agents.email;

import com.hubspot.smtp.client.Utf8SmtpResponseDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.smtp.SmtpResponse;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the SMTP client and the socket and knows what the client cannot tell: which
 * replies came before a connection was lost, whether the final dot was handed to the socket, and
 * whether a server talks out of turn or without end. Everything runs on the connection's event
 * loop.
 */
final class WireWatch extends ChannelDuplexHandler {
  /** What a server may say to one group of commands; RFC 5321 needs a few hundred octets. */
  private static final int MAX_REPLY_OCTETS = 64 * 1024;

  private final List<Reply> replies = new ArrayList<>();
  private @Nullable ChannelHandlerContext context;
  private boolean expectsReplies = true;
  private boolean oneLineOnly;
  private int replyOctets;
  private int contentWrites = -1;
  private boolean dotFlushed;
  private @Nullable String closedBecause;

  /** The event loop, once the connection stands. */
  EventLoop loop() {
    return context().channel().eventLoop();
  }

  boolean isOpen() {
    return context().channel().isActive();
  }

  /** Commands go out now; their replies are collected. */
  void expectReplies() {
    replies.clear();
    replyOctets = 0;
    expectsReplies = true;
    contentWrites = -1;
    dotFlushed = false;
  }

  /** The next two writes are the content and its final dot. */
  void expectContent() {
    replyOctets = 0;
    contentWrites = 0;
    replies.clear();
  }

  /** Until the next command the server has nothing to say. */
  void expectSilence() {
    expectsReplies = false;
  }

  /**
   * The next reply, the one to STARTTLS, must be one line with nothing after it: what comes in
   * clear before the handshake must not count as said after it. At the end of that line the client
   * puts TLS before this.
   */
  void expectOneLine() {
    oneLineOnly = true;
  }

  /** The replies since {@link #expectReplies()} or {@link #expectContent()}. */
  List<Reply> replies() {
    return replies;
  }

  /** Whether the final dot was handed to the socket, so that the server may have it. */
  boolean dotMayHaveLeft() {
    return dotFlushed;
  }

  /** Why this side closed the connection, if it did. */
  @Nullable String closedBecause() {
    return closedBecause;
  }

  /** Closes the connection. What still waits to be written never leaves. */
  void close(String because) {
    if (closedBecause == null) closedBecause = because;
    ChannelHandlerContext at = context;
    if (at != null) {
      var unused = at.close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    String decoder = ctx.pipeline().context(Utf8SmtpResponseDecoder.class).name();
    ctx.pipeline().addAfter(decoder, "replies", new Tap());
    super.channelActive(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    if (msg instanceof ByteBuf octets) {
      replyOctets += octets.readableBytes();
      String trouble = trouble(octets);
      if (trouble != null) {
        ReferenceCountUtil.release(msg);
        close(trouble);
        return;
      }
    }
    super.channelRead(ctx, msg);
  }

  private @Nullable String trouble(ByteBuf octets) {
    if (!expectsReplies) return "unexpectedReply";
    if (replyOctets > MAX_REPLY_OCTETS) return "replyTooLong";
    if (oneLineOnly) {
      int end = octets.indexOf(octets.readerIndex(), octets.writerIndex(), (byte) '\n');
      if (end >= 0 && end != octets.writerIndex() - 1) return "replyTooLong";
      oneLineOnly = end < 0;
    }
    return null;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise)
      throws Exception {
    if (contentWrites >= 0 && ++contentWrites == 2) {
      var unused = promise.addListener(future -> dotFlushed = future.isSuccess());
    }
    super.write(ctx, msg, promise);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext at = context;
    if (at == null) throw new IllegalStateException("the connection does not stand yet");
    return at;
  }

  /** Keeps a copy of every reply. */
  private final class Tap extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
      if (msg instanceof SmtpResponse response) replies.add(Reply.of(response));
      super.channelRead(ctx, msg);
    }
  }
}
