package org.parley.agents.phone.sip;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The sockets of an endpoint (RFC 3261, section 18): one UDP socket, or a TCP server and a
 * connection to each peer. All of it happens on one event loop. Whoever connects to the server
 * takes nothing from the connections that are made here.
 */
final class SipWire implements AutoCloseable {
  private static final int SOCKET_BUFFER_OCTETS = 1 << 20;

  /** A peer that has something to say after so long a silence connects again. */
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

  private static final int MAX_ACCEPTED = 1000;

  private final EventLoop loop;
  private final SipEndpoint.Settings settings;
  private final Receiver receiver;
  private final Channel socket;
  private final int maxAccepted;
  private final Duration longestSilence;
  private final ChannelGroup connections;
  private final ChannelGroup accepted;
  // Only on the loop.
  private final Map<InetSocketAddress, ChannelFuture> outgoing = new HashMap<>();

  /** What the wire tells. */
  interface Receiver {
    void received(SipMessage message, Peer from);

    /** Something came that is no message, or too large. */
    void refused(String why);

    /** The connection to a peer is gone. */
    void lost(InetSocketAddress target);
  }

  /** Where a message came from, and where the answer goes. */
  record Peer(Channel channel, InetSocketAddress address) {}

  /** Listens when this returns. */
  SipWire(EventLoop loop, SipEndpoint.Settings settings, Receiver receiver) {
    this(loop, settings, receiver, MAX_ACCEPTED, LONGEST_SILENCE);
  }

  /**
   * The same, for a test that waits for less.
   *
   * @param maxAccepted how many may have connected to it at a time
   * @param longestSilence after it a connection that was accepted is closed
   */
  SipWire(
      EventLoop loop,
      SipEndpoint.Settings settings,
      Receiver receiver,
      int maxAccepted,
      Duration longestSilence) {
    this.loop = loop;
    this.settings = settings;
    this.receiver = receiver;
    this.maxAccepted = maxAccepted;
    this.longestSilence = longestSilence;
    this.connections = new DefaultChannelGroup(loop);
    this.accepted = new DefaultChannelGroup(loop);
    ChannelFuture bound = (settings.tcp() ? bindTcp() : bindUdp()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UncheckedIOException(
          "SIP cannot listen on " + settings.host() + ':' + settings.port(),
          new IOException(bound.cause()));
    }
    this.socket = bound.channel();
  }

  InetSocketAddress local() {
    return (InetSocketAddress) socket.localAddress();
  }

  /**
   * Sends to a target; over TCP it connects when there is no connection.
   *
   * @param maySend asked once there is a connection
   * @param trouble told, on the loop, when it certainly or perhaps did not leave
   */
  void send(
      byte[] octets,
      InetSocketAddress target,
      BooleanSupplier maySend,
      Consumer<SipEndpoint.Failure> trouble) {
    if (!settings.tcp()) {
      write(socket, octets, target, trouble);
      return;
    }
    ChannelFuture known = outgoing.get(target);
    ChannelFuture connection = known == null ? connect(target) : known;
    if (connection.isSuccess()) {
      write(connection.channel(), octets, target, trouble);
      return;
    }
    var unused =
        connection.addListener(
            done -> {
              if (done.isSuccess() && maySend.getAsBoolean()) {
                write(connection.channel(), octets, target, trouble);
              } else {
                trouble.accept(SipEndpoint.Failure.NO_CONNECTION);
              }
            });
  }

  /** Answers on the way a message came. */
  void answer(byte[] octets, Peer peer) {
    write(peer.channel(), octets, peer.address(), ignored -> {});
  }

  private void write(
      Channel channel,
      byte[] octets,
      InetSocketAddress target,
      Consumer<SipEndpoint.Failure> trouble) {
    var buffer = Unpooled.wrappedBuffer(octets);
    Object message = settings.tcp() ? buffer : new DatagramPacket(buffer, target);
    SipEndpoint.Failure failure =
        settings.tcp() ? SipEndpoint.Failure.LOST : SipEndpoint.Failure.NO_CONNECTION;
    var unused =
        channel
            .writeAndFlush(message)
            .addListener(
                done -> {
                  if (!done.isSuccess()) trouble.accept(failure);
                });
  }

  private ChannelFuture connect(InetSocketAddress target) {
    ChannelFuture connection =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.connectTimeoutMillis())
            .handler(connecting())
            .connect(target);
    outgoing.put(target, connection);
    var unused = connection.addListener(done -> connected(target, connection));
    return connection;
  }

  /** A connection that never stood is not lost: whoever waits for it is told by itself. */
  private void connected(InetSocketAddress target, ChannelFuture connection) {
    if (!connection.isSuccess()) {
      outgoing.remove(target, connection);
      return;
    }
    var unused =
        connection
            .channel()
            .closeFuture()
            .addListener(
                closed -> {
                  if (outgoing.remove(target, connection)) receiver.lost(target);
                });
  }

  private ChannelFuture bindUdp() {
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(Math.min(65_535, settings.maxOctets() + 1)))
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_OCTETS)
        .handler(new Datagrams())
        .bind(settings.host(), settings.port());
  }

  private ChannelFuture bindTcp() {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(accepting())
        .bind(settings.host(), settings.port());
  }

  private ChannelInitializer<Channel> connecting() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        serve(channel);
      }
    };
  }

  private ChannelInitializer<Channel> accepting() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (accepted.size() >= maxAccepted) {
          receiver.refused("more than " + maxAccepted + " connections");
          var unused = channel.close();
          return;
        }
        accepted.add(channel);
        channel
            .pipeline()
            .addLast(new ReadTimeoutHandler(longestSilence.toMillis(), TimeUnit.MILLISECONDS));
        serve(channel);
      }
    };
  }

  private void serve(Channel channel) {
    connections.add(channel);
    channel.pipeline().addLast(new SipFrames(settings.maxOctets()), new Messages());
  }

  private void parse(byte[] octets, Peer from) {
    try {
      receiver.received(SipParser.parse(octets), from);
    } catch (NotSip e) {
      receiver.refused(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    socket.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }

  private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      int length = packet.content().readableBytes();
      if (length > settings.maxOctets()) {
        receiver.refused("a message of more than " + settings.maxOctets() + " octets");
        return;
      }
      if (length <= 4) return; // RFC 5626, section 3.5.1: something that keeps a way open
      byte[] octets = new byte[length];
      packet.content().readBytes(octets);
      parse(octets, new Peer(ctx.channel(), packet.sender()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      receiver.refused("the socket says " + cause.getClass().getSimpleName());
    }
  }

  private final class Messages extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      SocketAddress address = ctx.channel().remoteAddress();
      if (address instanceof InetSocketAddress from) {
        parse((byte[]) message, new Peer(ctx.channel(), from));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      Throwable why = cause.getCause() == null ? cause : cause.getCause();
      if (why instanceof NotSip) receiver.refused(String.valueOf(why.getMessage()));
      var unused = ctx.close();
    }
  }
}
