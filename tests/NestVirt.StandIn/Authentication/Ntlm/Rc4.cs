namespace NestVirt.StandIn.Authentication.Ntlm;

/// <summary>The stream cipher of NTLM, which goes on from message to message.</summary>
internal sealed class Rc4
{
    private readonly byte[] _state = new byte[256];
    private byte _first;
    private byte _second;

    /// <summary>Initializes a new instance of the <see cref="Rc4"/> class.</summary>
    public Rc4(ReadOnlySpan<byte> key)
    {
        for (int index = 0; index < _state.Length; index++)
        {
            _state[index] = (byte)index;
        }

        byte other = 0;
        for (int index = 0; index < _state.Length; index++)
        {
            other = (byte)(other + _state[index] + key[index % key.Length]);
            (_state[index], _state[other]) = (_state[other], _state[index]);
        }
    }

    /// <summary>Encrypts or decrypts what comes next.</summary>
    public byte[] Apply(ReadOnlySpan<byte> bytes)
    {
        byte[] result = bytes.ToArray();
        for (int index = 0; index < result.Length; index++)
        {
            _first++;
            _second += _state[_first];
            (_state[_first], _state[_second]) = (_state[_second], _state[_first]);
            result[index] ^= _state[(byte)(_state[_first] + _state[_second])];
        }

        return result;
    }
}
