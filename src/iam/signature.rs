//! Signatures: `jsonwebtoken` reads tokens and keys, and ring, which rustls stands on here, does the arithmetic.
//!
//! Nothing here signs, and there is no entry for a shared secret: what is not in [`verification`] cannot be accepted.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature as ring_signature;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring the one who verifies. To be called before anything is verified; more than once does no harm.
pub(super) fn install() {
    // It fails where it has been called before.
    let _ = PROVIDER.install_default();
}

/// How ring verifies.
enum Verification {
    Rsa(&'static ring_signature::RsaParameters),
    Other(&'static dyn VerificationAlgorithm),
}

/// How signatures of that algorithm are verified.
fn verification(algorithm: Algorithm) -> Option<Verification> {
    use Verification::{Other, Rsa};
    Some(match algorithm {
        Algorithm::RS256 => Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Rsa(&ring_signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Rsa(&ring_signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Rsa(&ring_signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Other(&ring_signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Other(&ring_signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Other(&ring_signature::ED25519),
        _ => return None,
    })
}

struct RingVerifier {
    algorithm: Algorithm,
    verification: Verification,
    key: DecodingKey,
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let verification = verification(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(Box::new(RingVerifier { algorithm: *algorithm, verification, key: key.clone() }))
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let verified = match (&self.verification, self.key.kind()) {
            (Verification::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n: without_zeros(n), e: without_zeros(e) }
                    .verify(parameters, message, signature)
            }
            (Verification::Other(algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*algorithm, key).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Numbers are to be written without zeros in front (RFC 7518 section 6.3.1.1), but some write one.
fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = number {
        number = rest;
    }
    number
}
