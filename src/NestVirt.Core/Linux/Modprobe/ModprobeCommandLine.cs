namespace NestVirt.Linux.Modprobe;

/// <summary>An option for a module that modprobe finds on the kernel command line.</summary>
/// <param name="Module">The module's name with underscores.</param>
/// <param name="Option">The option, <c>name=value</c> or <c>name</c>, with its quotes.</param>
/// <param name="Word">The whole word as it stands on the line.</param>
internal sealed record ModprobeCommandLineOption(string Module, string Option, string Word);

/// <summary>Reads a kernel command line as kmod_config_parse_kcmdline of libkmod does.</summary>
/// <remarks>
/// A word <c>module.option=value</c> counts; a word with a second dot before the <c>=</c> does not, nor one with a quote
/// outside of the value, unless it opens the word (GRUB writes <c>"module.option=a b"</c>). It does not stop at <c>--</c>.
/// </remarks>
internal static class ModprobeCommandLine
{
    private enum State
    {
        Ignore,
        Module,
        Option,
        Value,
    }

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line.</param>
    /// <returns>The options, in their order.</returns>
    public static IReadOnlyList<ModprobeCommandLineOption> Read(string text)
    {
        Reader reader = new(text);
        for (int i = 0; i < text.Length; i++)
        {
            reader.Step(i, text[i]);
        }

        reader.EndWord(text.Length);
        return reader.Options;
    }

    private sealed class Reader(string text)
    {
        private State _state = State.Module;
        private bool _isQuoted;
        private bool _opensQuoted;
        private int _module;
        private int _dot;
        private int _equals;

        public List<ModprobeCommandLineOption> Options { get; } = [];

        public void Step(int at, char character)
        {
            switch (character)
            {
                case '"':
                    Quote(at);
                    break;
                case ' ' or '\n' or '\t' or '\v' or '\f' or '\r' when _isQuoted:
                    _state = _state == State.Value ? State.Value : State.Ignore;
                    break;
                case ' ' or '\n' or '\t' or '\v' or '\f' or '\r':
                    EndWord(at);
                    break;
                case '.' when _state == State.Module:
                    (_state, _dot) = (State.Option, at);
                    break;
                case '=' when _state == State.Option:
                    (_state, _equals) = (State.Value, at);
                    break;
                case '.' when _state == State.Option:
                case '=' when _state == State.Module:
                    _state = State.Ignore;
                    break;
            }
        }

        public void EndWord(int at)
        {
            if (!_isQuoted && _state is (State.Value or State.Option))
            {
                Options.Add(
                    new ModprobeCommandLineOption(
                        ModprobeFile.Normalize(text[_module.._dot]),
                        OptionUntil(at),
                        text[(_opensQuoted ? _module - 1 : _module)..at]
                    )
                );
            }

            (_state, _module, _opensQuoted) = (State.Module, at + 1, false);
        }

        private void Quote(int at)
        {
            _isQuoted = !_isQuoted;
            if (_isQuoted && _state == State.Module && at == _module)
            {
                (_opensQuoted, _module) = (true, at + 1);
            }
            else if (_state != State.Value)
            {
                _state = State.Ignore;
            }
        }

        // The quote that opens the word is moved to the value, where the kernel wants it.
        private string OptionUntil(int end) =>
            _opensQuoted && _state == State.Value
                ? $"{text[(_dot + 1).._equals]}=\"{text[(_equals + 1)..end]}"
                : text[(_dot + 1)..end];
    }
}
